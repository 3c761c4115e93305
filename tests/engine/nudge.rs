//! Firefox looks at what its GPU has done when something is submitted, and by itself only every 100 ms.
use wasm_bindgen_test::wasm_bindgen_test;

/// A browser that looks by itself only after a tenth of a second, and counts how often nobody made it look before.
const WAITS: &str = "
    const [map, submit] = [GPUBuffer.prototype.mapAsync, GPUQueue.prototype.submit];
    globalThis.late = 0;
    let waiting = [];
    const later = (done) => {
        const timer = setTimeout(() => { globalThis.late += 1; done(); }, 100);
        waiting.push(() => { clearTimeout(timer); done(); });
    };
    GPUBuffer.prototype.mapAsync = function (...how) { return map.apply(this, how).then(() => new Promise(later)); };
    GPUQueue.prototype.submit = function (what) {
        submit.call(this, what);
        waiting.splice(0).forEach((look) => look());
    };
    globalThis.undo = () => { [GPUBuffer.prototype.mapAsync, GPUQueue.prototype.submit] = [map, submit]; };
";

#[wasm_bindgen_test]
async fn what_was_asked_for_is_looked_for() {
    for device in crate::devices().await {
        let buffer = device.buffer(&[1.0, 2.0]);
        if device.name() == hourglass::compute::Device::Processor.name() {
            continue;
        }
        device.finish().await.unwrap();
        js_sys::eval(WAITS).unwrap();
        // It is found out by waiting for nothing.
        for _ in 0..4 {
            device.finish().await.unwrap();
        }
        js_sys::eval("late = 0").unwrap();
        let read = device.read(&buffer).await;
        let late = js_sys::eval("undo(); late").unwrap().as_f64();
        assert_eq!(read.unwrap(), [1.0, 2.0]);
        assert_eq!(late, Some(0.0), "nobody looked");
    }
}
