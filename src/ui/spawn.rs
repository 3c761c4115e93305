//! Starting the worker, and hearing of its faults. One wasm serves page and worker; a small script, made here, imports
//! it in the worker. So the worker inherits the page's security policy, and there are no file names to keep in step.
//!
//! gloo-worker carries commands and events. What goes wrong below it (a module that does not load, a panic, a promise
//! that nobody waits for) never reaches the page through it, so the script tells faults, and that it lives, on a
//! channel of its own.
use crate::engine::worker::{Engine, Postcard};
use crate::engine::{Command, Event};
use crate::words;
use gloo_worker::{Spawnable, WorkerBridge};
use leptos::prelude::document;
use std::panic::PanicHookInfo;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, BroadcastChannel, MessageEvent, Url};

/// The name under which the worker's script leaves the channel for [`tell_page`].
const CHANNEL: &str = "hourglassFaults";

/// What the worker's script tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It lives: once a second.
    Beat,
    /// A panic's own words; [`Sign::Dead`] follows.
    Panic(String),
    /// Its wasm has stopped for good.
    Dead(String),
    /// Something failed that nobody waited for; it lives on.
    Fault(String),
}

impl Sign {
    fn read(text: &str) -> Self {
        match text.split_once(':') {
            Some(("panic", words)) => Self::Panic(words.into()),
            Some(("dead", words)) => Self::Dead(words.into()),
            Some(("fault", words)) => Self::Fault(words.into()),
            _ => Self::Beat,
        }
    }
}

/// A running worker. Dropped, it ends.
pub struct Worker {
    bridge: WorkerBridge<Engine>,
    channel: BroadcastChannel,
    // Called for as long as the channel is open.
    _heard: Closure<dyn FnMut(MessageEvent)>,
}

impl Worker {
    /// Starts one. The error is a sentence for visitors.
    pub fn start(event: impl Fn(Event) + 'static, sign: impl Fn(Sign) + 'static) -> Result<Self, String> {
        let blocked = |_| "This browser does not let the page start its worker.".to_owned();
        // Every tab hears every channel of its name, so each worker gets its own.
        let name = format!("hourglass-{}-{}", js_sys::Date::now(), js_sys::Math::random());
        let script = script(&name)?;
        let channel = BroadcastChannel::new(&name).map_err(blocked)?;
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            if let Some(text) = message.data().as_string() {
                sign(Sign::read(&text));
            }
        });
        channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        let parts = js_sys::Array::of1(&script.into());
        let options = BlobPropertyBag::new();
        options.set_type("text/javascript");
        let blob = Blob::new_with_str_sequence_and_options(&parts, &options).map_err(blocked)?;
        let address = Url::create_object_url_with_blob(&blob).map_err(blocked)?;
        let bridge = Engine::spawner().encoding::<Postcard>().with_loader(true).callback(event).spawn(&address);
        // Every worker, one that takes another's place too, speaks as the page does.
        bridge.send(Command::Speak(words::tongue()));
        Ok(Self { bridge, channel, _heard: heard })
    }

    /// Sends, or queues until the worker is up.
    pub fn send(&self, command: Command) {
        self.bridge.send(command);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        // The bridge asks the worker's wasm to end, which a dead wasm can't; the script can.
        let _ = self.channel.post_message(&"end".into());
        self.channel.close();
    }
}

/// The worker's script: the page's own module and wasm, by the names that the build wrote into the page's links.
fn script(channel: &str) -> Result<String, String> {
    let module = link("link[rel=modulepreload]")?;
    let wasm = link("link[rel=preload][as=fetch]")?;
    // The names are made by the build, and the quotes keep them strings whatever they are.
    let quoted = |text: &str| js_sys::JSON::stringify(&text.into()).map(String::from).unwrap_or_default();
    Ok(format!(
        "const channel = globalThis.{CHANNEL} = new BroadcastChannel({channel});
const tell = (cause) => {{
  const dead = cause instanceof WebAssembly.RuntimeError;
  channel.postMessage((dead ? 'dead:' : 'fault:') + (cause?.message ?? cause));
}};
addEventListener('error', (event) => tell(event.error ?? event.message));
addEventListener('unhandledrejection', (event) => tell(event.reason));
channel.onmessage = ({{ data }}) => data === 'end' && close();
setInterval(() => channel.postMessage('beat'), 1000);
try {{
  const {{ default: init }} = await import({module});
  await init({{ module_or_path: {wasm} }});
}} catch (cause) {{
  channel.postMessage('dead:' + (cause?.message ?? cause));
}}
",
        channel = quoted(channel),
        module = quoted(&module),
        wasm = quoted(&wasm),
    ))
}

fn link(selector: &str) -> Result<String, String> {
    let document = document();
    let element = document.query_selector(selector).ok().flatten();
    let href = element.and_then(|element| element.get_attribute("href"));
    let base = document.base_uri().ok().flatten();
    href.zip(base)
        .and_then(|(href, base)| Url::new_with_base(&href, &base).ok())
        .map(|url| url.href())
        .ok_or_else(|| words!("The page lacks {selector}: it was not built by Trunk, or only in part."))
}

/// The worker's panic hook: to the console, and to the page.
pub fn tell_page(info: &PanicHookInfo) {
    web_sys::console::error_1(&info.to_string().into());
    let channel = js_sys::Reflect::get(&js_sys::global(), &CHANNEL.into());
    if let Some(channel) = channel.ok().and_then(|channel| channel.dyn_into::<BroadcastChannel>().ok()) {
        let _ = channel.post_message(&format!("panic:{info}").into());
    }
}
