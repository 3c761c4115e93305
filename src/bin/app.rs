//! The page and its worker, in one wasm: `main` looks at where it runs.

#[cfg(target_arch = "wasm32")]
fn main() {
    use gloo_worker::Registrable;
    use hourglass::engine::worker::{Engine, Postcard};
    use wasm_bindgen::JsCast;

    if js_sys::global().is_instance_of::<web_sys::DedicatedWorkerGlobalScope>() {
        std::panic::set_hook(Box::new(hourglass::ui::spawn::tell_page));
        Engine::registrar().encoding::<Postcard>().register();
    } else {
        console_error_panic_hook::set_once();
        hourglass::ui::mount();
    }
}

// The feature `web` can be on natively (in an editor, say); there is no page there.
#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("this is the page: build it with `cargo xtask build`");
}
