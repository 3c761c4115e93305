//! Files that the page writes.
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlElement, Url};

/// Gives the visitor a text as a file.
pub fn save(name: &str, text: &str) {
    let options = BlobPropertyBag::new();
    options.set_type("text/csv");
    let blob = Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&text.into()), &options);
    let address = blob.and_then(|blob| Url::create_object_url_with_blob(&blob));
    let link = document().create_element("a");
    // Neither fails in a browser that runs this page, and there is nobody to tell but the visitor who sees no file.
    let (Ok(address), Ok(link)) = (address, link) else { return };
    let _ = link.set_attribute("href", &address);
    let _ = link.set_attribute("download", name);
    if let Some(link) = link.dyn_ref::<HtmlElement>() {
        link.click();
    }
    let _ = Url::revoke_object_url(&address);
}
