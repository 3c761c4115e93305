//! The session in a web worker: messages in, messages out, and the browser as its world.
use super::comparison::Fitting;
use super::device::Answered;
use super::jobs::{File, Outcome, Scene};
use super::keeping::{self, Keeping};
use super::protocol::{Ask, Command, Event, Sealed};
use super::session::Session;
use super::site::Shipped;
use super::world::World;
use crate::compute::GpuError;
use crate::compute::timer;
use crate::data::Split;
use crate::data::catalogue::Catalogue;
use crate::nn::{NetworkSpec, Trainer};
use crate::words;
use futures_channel::mpsc::{UnboundedSender, unbounded};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use gloo_worker::{Codec, HandlerId, WorkerScope};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// The engine as a worker: one page speaks to it.
pub struct Engine {
    inbox: Option<UnboundedSender<Command>>,
}

impl gloo_worker::Worker for Engine {
    type Message = ();
    type Input = Command;
    type Output = Event;

    fn create(_: &WorkerScope<Self>) -> Self {
        Self { inbox: None }
    }

    fn update(&mut self, _: &WorkerScope<Self>, (): ()) {}

    fn received(&mut self, scope: &WorkerScope<Self>, command: Command, page: HandlerId) {
        // The first command says where the site is, and so makes the session.
        if let Command::Start { base, .. } = &command {
            let (sender, inbox) = unbounded();
            let scope = scope.clone();
            let session = Session::new(Site::new(base.clone()), inbox, move |event| scope.respond(page, event));
            spawn_local(session.run());
            self.inbox = Some(sender);
        }
        if let Command::Speak(tongue) = command {
            // Where the catalogue cannot be fetched, English is better than silence.
            return spawn_local(super::later::speak(tongue).map(drop));
        }
        if let (Command::Ask(ask), None) = (&command, &self.inbox) {
            // Nobody started a session here: this worker is for this question alone.
            let (scope, ask) = (scope.clone(), ask.clone());
            return spawn_local(super::later::alone(ask, move |event| scope.respond(page, event)));
        }
        let heard = self.inbox.as_ref().is_some_and(|inbox| inbox.unbounded_send(command).is_ok());
        if !heard {
            scope.respond(
                page,
                Event::Failed { doing: "start".into(), message: "the engine is not running: reload the page".into() },
            );
        }
    }
}

/// Messages between page and worker, in postcard's bytes.
pub struct Postcard;

impl Codec for Postcard {
    fn encode<I: Serialize>(input: I) -> JsValue {
        // Plain enums of numbers and strings always encode.
        let bytes = postcard::to_stdvec(&input).unwrap_or_default();
        js_sys::Uint8Array::from(bytes.as_slice()).into()
    }

    fn decode<O: for<'de> Deserialize<'de>>(input: JsValue) -> O {
        let bytes = js_sys::Uint8Array::from(input).to_vec();
        match postcard::from_bytes(&bytes) {
            Ok(message) => message,
            // Page and worker are one wasm, so only memory that went wrong can bring this about.
            Err(error) => wasm_bindgen::throw_str(&words!("a message between page and worker is unreadable: {error}")),
        }
    }
}

/// The site in a browser.
pub struct Site {
    base: String,
    /// Messages to oneself, and who waits for them, first come first served.
    channel: Option<web_sys::MessageChannel>,
    waiting: Rc<RefCell<VecDeque<js_sys::Function>>>,
    _heard: Closure<dyn FnMut()>,
}

impl Site {
    fn new(base: String) -> Self {
        let waiting: Rc<RefCell<VecDeque<js_sys::Function>>> = Rc::default();
        let queue = waiting.clone();
        let heard = Closure::<dyn FnMut()>::new(move || {
            let next = queue.borrow_mut().pop_front();
            if let Some(resolve) = next {
                // A promise's own function does not throw.
                let _ = resolve.call0(&JsValue::NULL);
            }
        });
        let channel = web_sys::MessageChannel::new().ok();
        if let Some(channel) = &channel {
            channel.port1().set_onmessage(Some(heard.as_ref().unchecked_ref()));
        }
        Self { base, channel, waiting, _heard: heard }
    }
}

impl World for Site {
    async fn fetch(&self, path: &str, progress: &mut dyn FnMut(u64)) -> Result<Vec<u8>, String> {
        let url = format!("{}{path}", self.base);
        let response = gloo_net::http::Request::get(&url)
            .send()
            .await
            .map_err(|e| words!("{path} could not be fetched ({e}): check the connection and try again"))?;
        if !response.ok() {
            return Err(words!("{path} could not be fetched: the server answered {}", response.status()));
        }
        let broke = |e: JsValue| {
            let cause = crate::compute::plain(&format!("{e:?}"));
            words!("{path} broke off ({cause}): check the connection and try again")
        };
        let length = response.headers().get("content-length").and_then(|length| length.parse().ok());
        let response: web_sys::Response = response.into();
        if path.starts_with(DATA) {
            keep(&self.base, &response);
        }
        let Some(body) = response.body() else { return Ok(Vec::new()) };
        let reader: web_sys::ReadableStreamDefaultReader = body.get_reader().unchecked_into();
        // Room for all of it at once, as far as its header is to be believed: a buffer that grows is there twice meanwhile.
        let mut bytes = Vec::with_capacity(length.unwrap_or(0).min(MOST_AHEAD));
        loop {
            let piece = JsFuture::from(reader.read()).await.map_err(broke)?;
            if js_sys::Reflect::get(&piece, &"done".into()).map_err(broke)?.is_truthy() {
                return Ok(bytes);
            }
            let value: js_sys::Uint8Array =
                js_sys::Reflect::get(&piece, &"value".into()).map_err(broke)?.unchecked_into();
            let at = bytes.len();
            bytes.resize(at + value.length() as usize, 0);
            value.copy_to(&mut bytes[at..]);
            progress(bytes.len() as u64);
        }
    }

    async fn rest(&self) {
        // A message to oneself comes back behind those that wait, at once; a timer would take 4 ms each time.
        let promise = self.channel.as_ref().map(|channel| {
            js_sys::Promise::new(&mut |resolve, _| {
                self.waiting.borrow_mut().push_back(resolve);
                // It cannot fail: there is nothing in it to be cloned.
                let _ = channel.port2().post_message(&JsValue::NULL);
            })
        });
        if let Some(promise) = promise {
            let _ = JsFuture::from(promise).await;
        }
    }

    async fn give_way(&self) {
        // Browsers make 4 ms of it in the long run.
        self.sleep(2).await;
    }

    async fn sleep(&self, milliseconds: u32) {
        timer::after(milliseconds as i32).await;
    }

    fn catalogue(json: Vec<u8>) -> LocalBoxFuture<'static, Result<Catalogue, String>> {
        super::later::catalogue(json)
    }

    fn shipped(json: Vec<u8>) -> LocalBoxFuture<'static, Vec<Shipped>> {
        super::later::shipped(json)
    }

    fn weights(bytes: Vec<u8>, spec: NetworkSpec) -> LocalBoxFuture<'static, Result<Vec<f32>, String>> {
        super::later::weights(bytes, spec)
    }

    fn load(
        world: Rc<Self>,
        catalogue: Rc<Catalogue>,
        slug: String,
        out: Rc<dyn Fn(Event)>,
    ) -> LocalBoxFuture<'static, Result<Split, String>> {
        super::later::load(world, catalogue, slug, out)
    }

    fn fitting(components: usize) -> LocalBoxFuture<'static, Result<Fitting, String>> {
        super::later::fitting(components)
    }

    fn answer(scene: Scene<Self>, ask: Sealed<Ask>) -> LocalBoxFuture<'static, Outcome> {
        super::later::answer(scene, ask)
    }

    fn keeping(_: Rc<Self>, what: Keeping) -> keeping::Answer {
        super::later::keeping(what)
    }

    fn gpu(world: Rc<Self>, software: bool) -> LocalBoxFuture<'static, Answered> {
        super::later::gpu(world, software)
    }

    fn weigh(trainer: &mut Trainer) -> LocalBoxFuture<'_, Result<(), GpuError>> {
        super::later::weigh(trainer)
    }

    fn read(world: Rc<Self>, file: File) -> LocalBoxFuture<'static, Outcome> {
        super::later::read(world, file)
    }
}

/// Where a site's data sets lie.
const DATA: &str = "data/";
/// The most that is reserved because a host says how long a file is.
const MOST_AHEAD: usize = 64 << 20;

#[wasm_bindgen(module = "/src/engine/keep.js")]
extern "C" {
    fn keep(base: &str, answer: &web_sys::Response);
}

/// What a worker's global scope registers when the wasm finds itself in one.
pub fn register() {
    use gloo_worker::Registrable;
    Engine::registrar().encoding::<Postcard>().register();
}
