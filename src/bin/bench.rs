//! The bench page: another wasm than the page's, because few visitors need it.

#[cfg(target_arch = "wasm32")]
fn main() {
    console_error_panic_hook::set_once();
    hourglass::ui::bench::mount();
}

// The feature `web` can be on natively (in an editor, say); there is no page there.
#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("this is the bench page: build it with `cargo xtask build`");
}
