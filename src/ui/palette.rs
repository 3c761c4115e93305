//! The page's colours, for what is painted on canvases: read from the style sheet, where they are said once.
use leptos::prelude::*;

/// Red, green and blue.
pub type Rgb = [u8; 3];

/// The colours of the theme.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Palette {
    /// Where nothing is drawn.
    pub paper: Rgb,
    /// What is drawn.
    pub ink: Rgb,
    /// Words of less weight, axes.
    pub muted: Rgb,
    /// Lines between things.
    pub line: Rgb,
    /// Data and action.
    pub blue: Rgb,
    /// The latent code.
    pub amber: Rgb,
    /// The latent code's words and edges.
    pub amber_deep: Rgb,
    /// One for each class.
    pub classes: [Rgb; 10],
}

/// A colour as canvases take it, with an opacity.
pub fn css([r, g, b]: Rgb, opacity: f64) -> String {
    // Most hide what is below them, and decimals take far longer to write.
    if opacity >= 1.0 { format!("#{r:02x}{g:02x}{b:02x}") } else { format!("rgba({r},{g},{b},{opacity})") }
}

/// The colour at `share` of the way from `a` to `b`; outside 0..1 it stays at the end.
pub fn between(a: Rgb, b: Rgb, share: f32) -> Rgb {
    let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
    std::array::from_fn(|i| (f32::from(a[i]) + share * (f32::from(b[i]) - f32::from(a[i]))).round() as u8)
}

/// Light or dark, and the colours that follow.
#[derive(Clone, Copy)]
pub struct Theme {
    dark: RwSignal<bool>,
    palette: RwSignal<Palette>,
}

/// Under which name the visitor's choice is kept.
const KEPT: &str = "hourglass-theme";

impl Theme {
    /// The visitor's last choice here, else the system's; in the context for everything below.
    pub fn provide() -> Self {
        let kept = storage().and_then(|storage| storage.get_item(KEPT).ok().flatten());
        let system =
            || window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|m| m.matches());
        let dark = kept.map_or_else(system, |kept| kept == "dark");
        let theme = Self { dark: RwSignal::new(dark), palette: RwSignal::default() };
        theme.show();
        provide_context(theme);
        theme
    }

    /// Whether it is dark now.
    pub fn is_dark(self) -> bool {
        self.dark.get()
    }

    /// The other one, kept for the next visit.
    pub fn toggle(self) {
        self.dark.update(|dark| *dark = !*dark);
        if let Some(storage) = storage() {
            // Where nothing may be kept, the choice lasts as long as the visit.
            let _ = storage.set_item(KEPT, if self.dark.get_untracked() { "dark" } else { "light" });
        }
        self.show();
    }

    /// Its colours now, for what asks once.
    pub fn now(self) -> Palette {
        self.palette.get_untracked()
    }

    fn show(self) {
        let Some(root) = document().document_element() else { return };
        let _ = root.set_attribute("data-theme", if self.dark.get_untracked() { "dark" } else { "light" });
        let Some(style) = window().get_computed_style(&root).ok().flatten() else { return };
        let colour = |name: &str| rgb(&style.get_property_value(name).unwrap_or_default());
        self.palette.set(Palette {
            paper: colour("--paper"),
            ink: colour("--ink"),
            muted: colour("--muted"),
            line: colour("--line"),
            blue: colour("--blue"),
            amber: colour("--amber"),
            amber_deep: colour("--amber-deep"),
            classes: std::array::from_fn(|i| colour(&format!("--class-{i}"))),
        });
    }
}

/// The colours of the theme, followed.
pub fn current() -> Palette {
    use_context::<Theme>().map(|theme| theme.palette.get()).unwrap_or_default()
}

/// `#rrggbb`, as the style sheet writes these colours; anything else is mid grey, so that it is seen and not hidden.
fn rgb(text: &str) -> Rgb {
    let code = text.trim().strip_prefix('#').filter(|code| code.len() == 6);
    let code = code.and_then(|code| u32::from_str_radix(code, 16).ok()).unwrap_or(0x80_8080);
    [(code >> 16) as u8, (code >> 8) as u8, code as u8]
}

/// Where browsers keep things; some refuse it.
pub fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
