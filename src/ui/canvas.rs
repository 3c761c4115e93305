//! Canvases that are painted at most once per animation frame (small pictures once more, at once), and only when what they show has changed.
use super::palette::{self, Palette, Rgb, css};
use super::tag::whenever;
use crate::words::shown;
use leptos::html;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData, MouseEvent, ResizeObserver};

/// Where a painter paints: sizes are in CSS pixels, whatever the screen's density is.
pub struct Surface {
    /// The context, scaled to CSS pixels.
    pub ctx: CanvasRenderingContext2d,
    /// To the right.
    pub width: f64,
    /// Downwards.
    pub height: f64,
    /// The page's colours, now.
    pub palette: Palette,
}

impl Surface {
    fn clear(&self) {
        self.ctx.clear_rect(0.0, 0.0, self.width, self.height);
    }

    /// Text at a place, in the page's font.
    pub fn text(&self, text: &str, x: f64, y: f64) {
        // It can fail only for a context that is gone, and then there is nothing to write on.
        let _ = self.ctx.fill_text(&shown(text.into()), x, y);
    }

    /// A straight line.
    pub fn line(&self, [x0, y0]: [f64; 2], [x1, y1]: [f64; 2]) {
        self.ctx.begin_path();
        self.ctx.move_to(x0, y0);
        self.ctx.line_to(x1, y1);
        self.ctx.stroke();
    }

    /// A line through places.
    pub fn path(&self, places: impl IntoIterator<Item = [f64; 2]>) {
        self.ctx.begin_path();
        for (i, [x, y]) in places.into_iter().enumerate() {
            if i == 0 { self.ctx.move_to(x, y) } else { self.ctx.line_to(x, y) }
        }
        self.ctx.stroke();
    }
}

/// Keeps `canvas` painted: `scene` collects what there is to see (signals read in it are followed) and `paint` puts it
/// onto the canvas, which has the size that the style sheet gives it.
pub fn painted<S: 'static>(
    canvas: NodeRef<html::Canvas>,
    scene: impl Fn() -> S + 'static,
    paint: impl Fn(&Surface, &S) + 'static,
) {
    let paint = Rc::new(paint);
    paint_scenes(
        canvas,
        Box::new(move || {
            let (scene, paint) = (scene(), paint.clone());
            Box::new(move |surface, _| {
                surface.clear();
                paint(surface, &scene);
            })
        }),
    );
}

/// The same for what mostly grows: where a scene goes on from the one before, as `grew` says, that one stays on the canvas
/// and is given to `paint`, which adds what is new.
pub fn painted_on<S: 'static>(
    canvas: NodeRef<html::Canvas>,
    scene: impl Fn() -> S + 'static,
    grew: fn(&S, &S) -> bool,
    paint: impl Fn(&Surface, &S, Option<&S>) + 'static,
) {
    let paint = Rc::new(paint);
    let last = Rc::new(RefCell::new(None::<(S, Palette)>));
    paint_scenes(
        canvas,
        Box::new(move || {
            let (scene, paint, last) = (scene(), paint.clone(), last.clone());
            Box::new(move |surface, is_empty| {
                let there = last
                    .take()
                    .filter(|(before, palette)| !is_empty && *palette == surface.palette && grew(before, &scene));
                if there.is_none() {
                    surface.clear();
                }
                paint(surface, &scene, there.as_ref().map(|(before, _)| before));
                *last.borrow_mut() = Some((scene, surface.palette.clone()));
            })
        }),
    );
}

/// Puts one scene, which it holds, onto a surface, and knows whether that was just made and is empty.
type Painting = Box<dyn FnOnce(&Surface, bool)>;

// Behind one type, so that it is in the wasm once and not once per scene.
fn paint_scenes(canvas: NodeRef<html::Canvas>, scene: Box<dyn Fn() -> Painting>) {
    let size = sized(canvas);
    each_frame(
        canvas,
        Turn::Second,
        Box::new(move || {
            let (scene, (width, height), palette) = (scene(), size.get(), palette::current());
            let finest = FINEST.with(|finest| finest.get());
            Box::new(move |canvas| {
                if width < 1.0 || height < 1.0 {
                    return;
                }
                let density = window().device_pixel_ratio().max(finest);
                let (across, down) = ((width * density).round() as u32, (height * density).round() as u32);
                // Setting a size empties the canvas and costs time, even when it is the same.
                let is_new = (canvas.width(), canvas.height()) != (across, down);
                if is_new {
                    canvas.set_width(across);
                    canvas.set_height(down);
                }
                let Some(ctx) = context(canvas) else { return };
                // The identity scaled: a failure would mean that the context is gone.
                let _ = ctx.set_transform(density, 0.0, 0.0, density, 0.0, 0.0);
                ctx.set_font("12px system-ui, sans-serif");
                scene(&Surface { ctx, width, height, palette }, is_new);
            })
        }),
    );
}

/// Red, green, blue and opacity of every pixel, row by row.
pub struct Image {
    /// Pixels per row.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
    /// Four bytes per pixel.
    pub rgba: Vec<u8>,
}

/// Keeps `canvas` showing an image pixel by pixel; the style sheet enlarges it.
pub fn pictured(canvas: NodeRef<html::Canvas>, image: impl Fn(&Palette) -> Image + 'static) {
    each_frame(
        canvas,
        Turn::First,
        Box::new(move || {
            let image = image(&palette::current());
            Box::new(move |canvas| put(canvas, &image))
        }),
    );
}

/// Puts an image onto a canvas, which takes its size.
pub fn put(canvas: &HtmlCanvasElement, image: &Image) {
    let size = (image.columns as u32, image.rows as u32);
    if (canvas.width(), canvas.height()) != size {
        canvas.set_width(size.0);
        canvas.set_height(size.1);
    }
    let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&image.rgba), size.0, size.1);
    if let (Some(ctx), Ok(data)) = (context(canvas), data) {
        let _ = ctx.put_image_data(&data, 0.0, 0.0);
    }
}

thread_local! {
    /// So many pixels are in a CSS pixel, at least.
    static FINEST: ArcRwSignal<f64> = ArcRwSignal::new(1.0);
}

/// Paints what is painted once more, with so many pixels across this canvas, or four in a CSS pixel; it and how many are in
/// one go to `take`, and then everything is as before.
pub fn finer(canvas: HtmlCanvasElement, across: f64, take: impl FnOnce(&HtmlCanvasElement, f64) + 'static) {
    let width = f64::from(canvas.client_width()).max(1.0);
    let wanted = FINEST.with(Clone::clone);
    wanted.set((across / width).clamp(1.0, 4.0));
    // It is painted in the next frame, and there in the one after that.
    request_animation_frame(move || {
        request_animation_frame(move || {
            take(&canvas, f64::from(canvas.width()) / width);
            wanted.set(1.0);
        });
    });
}

/// A copy of what a canvas shows, pixel for pixel, on paper and below a head of this height in CSS pixels; `density` is how
/// many pixels are in one.
pub fn framed(
    canvas: &HtmlCanvasElement,
    palette: Palette,
    density: f64,
    head: f64,
    write: impl FnOnce(&Surface),
) -> Option<HtmlCanvasElement> {
    let above = (head * density).round();
    let (copy, ctx) = filled([canvas.width(), canvas.height() + above as u32], palette.paper)?;
    // It refuses only a canvas of no size, of which there is no picture.
    ctx.draw_image_with_html_canvas_element(canvas, 0.0, above).ok()?;
    ctx.scale(density, density).ok()?;
    write(&Surface { ctx, width: f64::from(canvas.width()) / density, height: head, palette });
    Some(copy)
}

/// A canvas of its own, black on white, for a picture that leaves the page.
pub fn drawn([across, down]: [u32; 2], paint: impl FnOnce(&Surface)) -> Option<HtmlCanvasElement> {
    let (canvas, ctx) = filled([across, down], [255; 3])?;
    paint(&Surface { ctx, width: across.into(), height: down.into(), palette: palette::current() });
    Some(canvas)
}

/// A canvas of one colour, which is not part of the page.
fn filled([across, down]: [u32; 2], colour: Rgb) -> Option<(HtmlCanvasElement, CanvasRenderingContext2d)> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(across);
    canvas.set_height(down);
    let ctx = context(&canvas)?;
    ctx.set_fill_style_str(&css(colour, 1.0));
    ctx.fill_rect(0.0, 0.0, across.into(), down.into());
    Some((canvas, ctx))
}

/// Where in a picture a pointer is, in shares of its width and height: a picture lies in the middle of its element, as large
/// as fits.
pub fn within(canvas: &HtmlCanvasElement, event: &MouseEvent) -> [f64; 2] {
    let area = canvas.get_bounding_client_rect();
    let (across, down) = (f64::from(canvas.width()).max(1.0), f64::from(canvas.height()).max(1.0));
    let scale = (area.width() / across).min(area.height() / down);
    let share = |at: i32, from: f64, room: f64, size: f64| (f64::from(at) - from - (room - size) / 2.0) / size.max(1.0);
    [
        share(event.client_x(), area.left(), area.width(), across * scale),
        share(event.client_y(), area.top(), area.height(), down * scale),
    ]
}

/// What is done to a canvas in one frame.
type Frame = Box<dyn FnOnce(&HtmlCanvasElement)>;

/// Follows `scene`; of the changes that wait for the next frame only the last is painted. In a hidden tab there are no
/// frames, so nothing is painted there.
fn each_frame(canvas: NodeRef<html::Canvas>, turn: Turn, scene: Box<dyn Fn() -> Frame>) {
    let newest: Rc<RefCell<Option<Frame>>> = Rc::default();
    let asked = Rc::new(Cell::new(false));
    whenever(move || {
        let Some(canvas) = canvas.get() else { return };
        *newest.borrow_mut() = Some(scene());
        if asked.replace(true) {
            return;
        }
        let (newest, asked) = (newest.clone(), asked.clone());
        let paint = move || {
            let frame = newest.borrow_mut().take();
            if let Some(frame) = frame {
                frame(&canvas);
            }
        };
        if let Turn::First = turn {
            paint();
        }
        let again = move || {
            asked.set(false);
            paint();
        };
        in_next_frame(turn, Box::new(again));
    });
}

/// Who is painted first: small pictures, which follow the pen, at once and then again in the next frame if they have
/// changed once more; what takes longer only there.
#[derive(Clone, Copy)]
enum Turn {
    First,
    Second,
}

/// Paints one canvas.
type Paint = Box<dyn FnOnce()>;

thread_local! {
    /// What is painted in the next frame, by its turn.
    static DUE: RefCell<[Vec<Paint>; 2]> = RefCell::default();
}

fn in_next_frame(turn: Turn, paint: Paint) {
    let is_asked = DUE.with_borrow_mut(|due| {
        let is_asked = due.iter().any(|paints| !paints.is_empty());
        due[turn as usize].push(paint);
        is_asked
    });
    if !is_asked {
        request_animation_frame(|| DUE.take().into_iter().flatten().for_each(|paint| paint()));
    }
}

fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}

/// The size of the canvas in CSS pixels, kept true.
fn sized(canvas: NodeRef<html::Canvas>) -> RwSignal<(f64, f64)> {
    let size = RwSignal::new((0.0, 0.0));
    let held = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    whenever(move || {
        let Some(canvas) = canvas.get() else { return };
        let measured = canvas.clone();
        let measure = Closure::<dyn FnMut()>::new(move || {
            let now = (f64::from(measured.client_width()), f64::from(measured.client_height()));
            if size.try_get_untracked().is_some_and(|before| before != now) {
                size.set(now);
            }
        });
        if let Ok(observer) = ResizeObserver::new(measure.as_ref().unchecked_ref()) {
            observer.observe(&canvas);
            held.set_value(Some((observer, measure)));
        }
    });
    on_cleanup(move || {
        held.try_update_value(|held| {
            if let Some((observer, _)) = held.take() {
                observer.disconnect();
            }
        });
    });
    size
}
