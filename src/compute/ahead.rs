//! Compiling pipelines while others work: natively on a thread of their own, in a browser by the browser.

#[cfg(not(target_arch = "wasm32"))]
pub use native::Ahead;
#[cfg(target_arch = "wasm32")]
pub use web::Ahead;

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use std::cell::RefCell;
    use std::collections::HashMap;
    use std::sync::mpsc::{Receiver, channel};

    /// Pipelines on their way.
    #[derive(Default)]
    pub struct Ahead(RefCell<HashMap<String, Receiver<wgpu::ComputePipeline>>>);

    impl Ahead {
        /// Nothing on its way.
        pub fn new() -> Self {
            Self::default()
        }

        /// Whether anything can be compiled ahead here.
        pub fn is_possible(&self) -> bool {
            true
        }

        /// Begins, unless it has begun.
        pub fn begin(&self, name: &str, make: impl FnOnce(&str) -> wgpu::ComputePipeline + Send + 'static) {
            let mut begun = self.0.borrow_mut();
            if begun.contains_key(name) {
                return;
            }
            let (sender, receiver) = channel();
            begun.insert(name.to_owned(), receiver);
            let name = name.to_owned();
            // Nobody waits any more if the device is gone.
            std::thread::spawn(move || drop(sender.send(make(&name))));
        }

        /// Whether it can never be done: what is wrong with it is said when it is run.
        pub fn is_refused(&self, _: &str) -> bool {
            false
        }

        /// The pipeline, if it is done. `make` is not needed here.
        pub fn take(&self, name: &str, _: impl FnOnce(&str) -> wgpu::ComputePipeline) -> Option<wgpu::ComputePipeline> {
            self.0.borrow().get(name)?.try_recv().ok()
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod web {
    use std::cell::{Cell, RefCell};
    use std::collections::HashSet;
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen(module = "/src/compute/ahead.js")]
    extern "C" {
        fn install() -> bool;
        #[wasm_bindgen(js_name = isReady)]
        fn is_ready(name: &str) -> bool;
        #[wasm_bindgen(js_name = isRefused)]
        fn is_refused(name: &str) -> bool;
    }

    thread_local! {
        /// Devices so far: each compiles for itself.
        static DEVICES: Cell<u32> = const { Cell::new(0) };
    }

    /// Pipelines on their way.
    pub struct Ahead {
        possible: bool,
        device: u32,
        begun: RefCell<HashSet<String>>,
    }

    impl Ahead {
        /// Nothing on its way.
        pub fn new() -> Self {
            Self { possible: install(), device: DEVICES.replace(DEVICES.get() + 1), begun: RefCell::default() }
        }

        /// Whether anything can be compiled ahead here.
        pub fn is_possible(&self) -> bool {
            self.possible
        }

        /// Begins, unless it has begun.
        pub fn begin(&self, name: &str, make: impl FnOnce(&str) -> wgpu::ComputePipeline) {
            if self.begun.borrow_mut().insert(name.to_owned()) {
                make(&format!("ahead: {}", self.label(name)));
            }
        }

        fn label(&self, name: &str) -> String {
            format!("{name} on device {}", self.device)
        }

        /// The browser could not compile it, so it will never be done.
        pub fn is_refused(&self, name: &str) -> bool {
            is_refused(&self.label(name))
        }

        /// The pipeline, if it is done: then `make` has it at once.
        pub fn take(
            &self,
            name: &str,
            make: impl FnOnce(&str) -> wgpu::ComputePipeline,
        ) -> Option<wgpu::ComputePipeline> {
            let label = self.label(name);
            is_ready(&label).then(|| make(&label))
        }
    }
}
