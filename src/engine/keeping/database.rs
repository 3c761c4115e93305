//! The browser's own database as the place that keeps runs.
//!
//! A transaction ends by itself as soon as nothing more is asked of it, and whoever waits here may be woken late, by a
//! session that trains. So everything that a transaction is to do is asked at once, and then its end is waited for.
use super::store::{Store, Stored, keep};
use super::{Found, Keeping};
use futures_util::FutureExt;
use js_sys::{Array, Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, IdbDatabase, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode};

const NAME: &str = "hourglass";
const VERSION: u32 = 1;
/// Cards by id.
const RUNS: &str = "runs";
/// States by id and place.
const STATES: &str = "states";
/// Names by id: apart from the cards, which are written while it trains.
const NAMES: &str = "names";
const STORES: [&str; 3] = [RUNS, STATES, NAMES];
/// A run has two, written in turn.
const PLACES: [u8; 2] = [0, 1];

/// What is wanted, from this browser's database.
pub async fn answer(what: Keeping) -> Result<Found, String> {
    keep(&open().await?, what).await
}

/// Opened for each question: a connection that stays open would keep other tabs from deleting the database.
async fn open() -> Result<Opened, String> {
    let scope: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    let factory = scope.indexed_db().ok().flatten().ok_or("this browser has no database for pages")?;
    let request = factory.open_with_u32(NAME, VERSION).map_err(|error| words(&error))?;
    let opening = request.clone();
    let make = Closure::<dyn FnMut()>::new(move || {
        let Some(database) = opening.result().ok().and_then(|result| result.dyn_into::<IdbDatabase>().ok()) else {
            return;
        };
        for store in STORES {
            // A store that cannot be made shows when it is used.
            let _ = database.create_object_store(store);
        }
    });
    request.set_onupgradeneeded(Some(make.as_ref().unchecked_ref()));
    let opened = Promise::new(&mut |resolve: Function, reject: Function| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    if JsFuture::from(opened).await.is_err() {
        return Err(said(request.error().ok().flatten()));
    }
    let database = request.result().map_err(|error| words(&error))?;
    Ok(Opened(database.unchecked_into()))
}

struct Opened(IdbDatabase);

impl Drop for Opened {
    fn drop(&mut self) {
        // What is under way is still done.
        self.0.close();
    }
}

/// What a transaction has to do, and the place where it is.
struct Work(IdbTransaction);

impl Work {
    fn store(&self, name: &str) -> Result<IdbObjectStore, JsValue> {
        self.0.object_store(name)
    }

    /// Until all of it is done.
    async fn done(self) -> Result<(), String> {
        let ended = Promise::new(&mut |resolve: Function, reject: Function| {
            self.0.set_oncomplete(Some(&resolve));
            self.0.set_onabort(Some(&reject));
        });
        match JsFuture::from(ended).await {
            Ok(_) => Ok(()),
            Err(_) => Err(said(self.0.error())),
        }
    }
}

impl Opened {
    /// A transaction over all stores; `ask` asks everything of it.
    fn work<T>(
        &self,
        mode: IdbTransactionMode,
        ask: impl FnOnce(&Work) -> Result<T, JsValue>,
    ) -> Result<(Work, T), String> {
        let names: Array = STORES.into_iter().map(JsValue::from).collect();
        let begun = self.0.transaction_with_str_sequence_and_mode(&names, mode).map(Work);
        let all = begun.and_then(|work| ask(&work).map(|asked| (work, asked)));
        all.map_err(|error| words(&error))
    }

    fn write(&self, ask: impl FnOnce(&Work) -> Result<(), JsValue>) -> Stored<()> {
        let begun = self.work(IdbTransactionMode::Readwrite, ask);
        async move { begun?.0.done().await }.boxed_local()
    }

    /// The results of what was asked, made into something.
    fn read<T: 'static>(
        &self,
        ask: impl FnOnce(&Work) -> Result<Vec<IdbRequest>, JsValue>,
        make: fn(Vec<JsValue>) -> T,
    ) -> Stored<T> {
        let begun = self.work(IdbTransactionMode::Readonly, ask);
        async move {
            let (work, requests) = begun?;
            work.done().await?;
            let results: Result<_, _> = requests.iter().map(IdbRequest::result).collect();
            results.map(make).map_err(|error| words(&error))
        }
        .boxed_local()
    }
}

impl Store for Opened {
    fn put(&self, id: &str, card: Vec<u8>, place: u8, state: Vec<u8>) -> Stored<()> {
        self.write(|work| {
            work.store(RUNS)?.put_with_key(&array(&card), &key(id))?;
            work.store(STATES)?.put_with_key(&array(&state), &state_key(id, place))?;
            Ok(())
        })
    }

    fn name(&self, id: &str, name: Option<&str>) -> Stored<()> {
        self.write(|work| {
            let names = work.store(NAMES)?;
            match name {
                Some(name) => names.put_with_key(&name.into(), &key(id))?,
                None => names.delete(&key(id))?,
            };
            Ok(())
        })
    }

    fn cards(&self) -> Stored<Vec<(Vec<u8>, Option<String>)>> {
        let ask = |work: &Work| {
            let (runs, names) = (work.store(RUNS)?, work.store(NAMES)?);
            Ok(vec![runs.get_all_keys()?, runs.get_all()?, names.get_all_keys()?, names.get_all()?])
        };
        self.read(ask, |results| {
            let mut lists = results.into_iter().map(|list| Array::from(&list).to_vec());
            let mut list = || lists.next().unwrap_or_default();
            let (ids, cards, named, names) = (list(), list(), list(), list());
            let name_of = |id: &JsValue| {
                let at = named.iter().position(|named| named == id)?;
                names.get(at).and_then(JsValue::as_string)
            };
            ids.iter().zip(&cards).map(|(id, card)| (bytes(card), name_of(id))).collect()
        })
    }

    fn states(&self, id: &str) -> Stored<Vec<Vec<u8>>> {
        let ask = |work: &Work| {
            let states = work.store(STATES)?;
            PLACES.into_iter().map(|place| states.get(&state_key(id, place))).collect()
        };
        // A place that was never written is not there, which is no array.
        self.read(ask, |results| results.iter().filter(|state| state.is_object()).map(bytes).collect())
    }

    fn delete(&self, ids: Vec<String>) -> Stored<()> {
        self.write(|work| {
            for id in &ids {
                work.store(RUNS)?.delete(&key(id))?;
                work.store(NAMES)?.delete(&key(id))?;
                for place in PLACES {
                    work.store(STATES)?.delete(&state_key(id, place))?;
                }
            }
            Ok(())
        })
    }
}

fn key(id: &str) -> JsValue {
    JsValue::from(id)
}

fn state_key(id: &str, place: u8) -> JsValue {
    key(&format!("{id}/{place}"))
}

fn array(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

fn bytes(value: &JsValue) -> Vec<u8> {
    value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default()
}

/// Why the browser refused, in its own words.
fn words(error: &JsValue) -> String {
    said(error.dyn_ref::<DomException>().cloned())
}

fn said(error: Option<DomException>) -> String {
    error.map_or_else(|| "the browser gives no reason".into(), |error| format!("{}: {}", error.name(), error.message()))
}
