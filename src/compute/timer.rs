//! A browser's timer, of pages and workers alike.
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(done: &Function, milliseconds: i32) -> JsValue;
}

/// Waits, while others go on.
pub async fn after(milliseconds: i32) {
    let promise = Promise::new(&mut |done, _| drop(set_timeout(&done, milliseconds)));
    // It is never refused.
    let _ = JsFuture::from(promise).await;
}
