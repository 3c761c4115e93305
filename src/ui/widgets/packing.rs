//! Large files are packed while they are read, that only what is small has to be held twice on its way to the engine.
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, ReadableStream, Response};

// Every browser has it since 2023; web-sys still counts it as unstable.
#[wasm_bindgen]
extern "C" {
    type CompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<CompressionStream, JsValue>;

    /// With the one method whose argument web-sys wants as an object of its own.
    #[wasm_bindgen(extends = ReadableStream)]
    type Stream;
    #[wasm_bindgen(method, catch, js_name = pipeThrough)]
    fn pipe_through(this: &Stream, way: &CompressionStream) -> Result<ReadableStream, JsValue>;
}

/// The file's bytes as gzip.
pub async fn packed(file: &File) -> Result<Vec<u8>, JsValue> {
    let stream: Stream = file.stream().unchecked_into();
    let packed = stream.pipe_through(&CompressionStream::new("gzip")?)?;
    bytes(Response::new_with_opt_readable_stream(Some(&packed))?.array_buffer()?).await
}

/// What an `ArrayBuffer` that is promised holds.
pub async fn bytes(buffer: Promise) -> Result<Vec<u8>, JsValue> {
    Ok(Uint8Array::new(&JsFuture::from(buffer).await?).to_vec())
}
