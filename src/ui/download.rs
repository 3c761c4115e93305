//! Files for the visitor: put together here, handed over by the browser, sent nowhere.
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, HtmlCanvasElement, HtmlElement, Url};

/// Hands over a text file.
pub fn text(name: &str, kind: &str, text: &str) {
    bytes(name, kind, text.as_bytes());
}

/// Hands over a file of bytes.
pub fn bytes(name: &str, kind: &str, bytes: &[u8]) {
    let kinds = BlobPropertyBag::new();
    kinds.set_type(kind);
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    if let Ok(blob) = Blob::new_with_u8_array_sequence_and_options(&parts, &kinds) {
        hand_over(name, &blob);
    }
}

/// Hands over what is painted on a canvas, as PNG.
pub fn picture(name: &str, canvas: &HtmlCanvasElement) {
    let name = name.to_owned();
    let done = Closure::once_into_js(move |blob: Option<Blob>| {
        if let Some(blob) = blob {
            hand_over(&name, &blob);
        }
    });
    // It refuses only canvases with pictures from elsewhere, of which there are none.
    let _ = canvas.to_blob(done.unchecked_ref());
}

fn hand_over(name: &str, blob: &Blob) {
    let Ok(address) = Url::create_object_url_with_blob(blob) else { return };
    let link = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlElement>().ok());
    if let Some(link) = link {
        // Attributes of an element that was just made can be set.
        let _ = link.set_attribute("href", &address);
        let _ = link.set_attribute("download", name);
        link.click();
    }
    // The browser has taken what it needs by the end of the click.
    let _ = Url::revoke_object_url(&address);
}
