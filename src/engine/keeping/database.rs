//! The browser's own database as the place that keeps runs.
use super::store::{Store, Stored, keep};
use super::{Found, Keeping};
use futures_util::FutureExt;
use idb::{Database, DatabaseEvent, Error, Factory, KeyRange, ObjectStoreParams, Query, TransactionMode};
use js_sys::Uint8Array;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

const NAME: &str = "hourglass";
const VERSION: u32 = 1;
/// Cards by id.
const RUNS: &str = "runs";
/// States by id and place.
const STATES: &str = "states";
/// Names by id: apart from the cards, which are written while it trains.
const NAMES: &str = "names";

/// What is wanted, from this browser's database.
pub async fn answer(what: Keeping) -> Result<Found, String> {
    keep(&open().await.map_err(words)?, what).await
}

/// Opened for each question: a connection that stays open would keep other tabs from deleting the database.
async fn open() -> Result<Opened, Error> {
    let mut request = Factory::new()?.open(NAME, Some(VERSION))?;
    request.on_upgrade_needed(|event| {
        // A store that cannot be made shows when it is used.
        if let Ok(database) = event.database() {
            for store in [RUNS, STATES, NAMES] {
                let _ = database.create_object_store(store, ObjectStoreParams::new());
            }
        }
    });
    Ok(Opened(Rc::new(request.await?)))
}

struct Opened(Rc<Database>);

impl Drop for Opened {
    fn drop(&mut self) {
        // What is under way is still done.
        self.0.close();
    }
}

impl Store for Opened {
    fn put(&self, id: &str, card: Vec<u8>, place: u8, state: Vec<u8>) -> Stored<()> {
        let (database, id) = (self.0.clone(), id.to_owned());
        stored(async move {
            let both = database.transaction(&[RUNS, STATES], TransactionMode::ReadWrite)?;
            both.object_store(RUNS)?.put(&array(&card), Some(&key(&id)))?.await?;
            both.object_store(STATES)?.put(&array(&state), Some(&key(&format!("{id}/{place}"))))?.await?;
            both.commit()?.await.map(drop)
        })
    }

    fn name(&self, id: &str, name: Option<&str>) -> Stored<()> {
        let (database, id, name) = (self.0.clone(), id.to_owned(), name.map(JsValue::from));
        stored(async move {
            let one = database.transaction(&[NAMES], TransactionMode::ReadWrite)?;
            match name {
                Some(name) => one.object_store(NAMES)?.put(&name, Some(&key(&id)))?.await.map(drop)?,
                None => one.object_store(NAMES)?.delete(key(&id))?.await?,
            }
            one.commit()?.await.map(drop)
        })
    }

    fn cards(&self) -> Stored<Vec<(Vec<u8>, Option<String>)>> {
        let database = self.0.clone();
        stored(async move {
            let both = database.transaction(&[RUNS, NAMES], TransactionMode::ReadOnly)?;
            let (runs, names) = (both.object_store(RUNS)?, both.object_store(NAMES)?);
            let mut cards = Vec::new();
            for id in runs.get_all_keys(None, None)?.await? {
                let Some(card) = runs.get(id.clone())?.await? else { continue };
                let name = names.get(id)?.await?.and_then(|name| name.as_string());
                cards.push((bytes(&card), name));
            }
            Ok(cards)
        })
    }

    fn states(&self, id: &str) -> Stored<Vec<Vec<u8>>> {
        let (database, id) = (self.0.clone(), id.to_owned());
        stored(async move {
            let states = database.transaction(&[STATES], TransactionMode::ReadOnly)?.object_store(STATES)?;
            let all = states.get_all(Some(of(&id)?), None)?.await?;
            Ok(all.iter().map(bytes).collect())
        })
    }

    fn delete(&self, ids: Vec<String>) -> Stored<()> {
        let database = self.0.clone();
        stored(async move {
            let all = database.transaction(&[RUNS, STATES, NAMES], TransactionMode::ReadWrite)?;
            for id in &ids {
                all.object_store(RUNS)?.delete(key(id))?.await?;
                all.object_store(NAMES)?.delete(key(id))?.await?;
                all.object_store(STATES)?.delete(of(id)?)?.await?;
            }
            all.commit()?.await.map(drop)
        })
    }
}

fn stored<T: 'static>(future: impl Future<Output = Result<T, Error>> + 'static) -> Stored<T> {
    async { future.await.map_err(words) }.boxed_local()
}

/// Both places of a run.
fn of(id: &str) -> Result<Query, Error> {
    Ok(KeyRange::bound(&key(&format!("{id}/")), &key(&format!("{id}0")), None, Some(true))?.into())
}

fn key(id: &str) -> JsValue {
    JsValue::from(id)
}

fn array(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

fn bytes(value: &JsValue) -> Vec<u8> {
    value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default()
}

/// The browser's own words say more than the call that failed.
fn words(error: Error) -> String {
    error.to_string()
}
