//! The nearest rows of a set, on every device, against a scan of all of them.
use crate::wave;
use hourglass::engine::nearest::Lookup;
use hourglass::lessons::neighbours::{Metric, Near, Rows, Stored};
use hourglass::nn::{Among, Resident, Search};
use wasm_bindgen_test::wasm_bindgen_test;

const LEN: u32 = 333;
const WIDTH: u32 = 12;

fn bytes() -> Vec<u8> {
    // Few grey levels, so that many rows are equally far.
    (0..LEN * WIDTH).map(|i| (i.wrapping_mul(0x9e37_79b9) >> 30) as u8 * 60).collect()
}

fn scanned(rows: Rows, metric: Metric, query: &[f64], k: usize) -> Vec<Near> {
    let mut best = Vec::new();
    rows.scan(metric, query, 0..rows.len(), k, &mut best);
    rows.read(metric, &best)
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn every_tile_is_looked_at_and_the_nearest_come_first() {
    let codes = wave(LEN * WIDTH, 0);
    let queries = wave(3 * WIDTH, 1);
    let rows = Rows { values: Stored::Floats(&codes), width: WIDTH as usize };
    for device in crate::devices().await {
        let values = device.buffer(&codes);
        let among = Among::Codes { values: &values, width: WIDTH };
        // One tile, tiles that come out even, and a last one that is short.
        for tile in [1000, 111, 100, 332] {
            let search = Search::new(&device, among, LEN, 3, 9, tile, false);
            assert_eq!(search.tiles, LEN.div_ceil(tile.min(LEN)));
            // A second search begins anew.
            for _ in 0..2 {
                search.begin(&queries);
                (0..search.tiles).for_each(|tile| search.run(tile));
            }
            for (found, query) in search.found().await.unwrap().iter().zip(queries.chunks(WIDTH as usize)) {
                let expected = scanned(rows, Metric::Euclidean, &rows.query(query), 9);
                for (&(distance, place), near) in found.iter().zip(&expected) {
                    let name = format!("tile {tile} on {}: {found:?}, not {expected:?}", device.name());
                    assert!((distance.sqrt() - near.distance).abs() < 1e-3, "{name}");
                    assert!(place == near.place || (distance.sqrt() - near.distance).abs() < 1e-5, "{name}");
                }
                assert_eq!(found.len(), 9);
            }
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn a_lookup_is_exact_to_the_last_place() {
    let bytes = bytes();
    let codes = wave(LEN * WIDTH, 2);
    // Many codes twice: the earlier one comes first.
    let codes: Vec<f32> = codes.iter().copied().take(200 * WIDTH as usize).chain(codes.iter().copied()).collect();
    let codes = &codes[..(LEN * WIDTH) as usize];
    for device in crate::devices().await {
        let resident = Resident::new(&device, hourglass::nn::Rows::Bytes(&bytes), WIDTH).unwrap();
        let values = device.buffer(codes);
        let width = WIDTH as usize;
        let sets = [
            (Among::Inputs(&resident), Rows { values: Stored::Bytes(&bytes), width }),
            (Among::Codes { values: &values, width: WIDTH }, Rows { values: Stored::Floats(codes), width }),
        ];
        for (among, rows) in sets {
            for metric in [Metric::Euclidean, Metric::Cosine] {
                let lookup = Lookup::new(&device, among, LEN, 4, metric).await.unwrap();
                // Rows of the set itself, as the network takes them; three of the four that there is room for.
                let exact: Vec<Vec<f64>> = [0, 7, 332].map(|place| rows.row(place)).to_vec();
                let one = if matches!(rows.values, Stored::Bytes(_)) { 255.0 } else { 1.0 };
                let queries: Vec<f32> = exact.concat().iter().map(|x| (x / one) as f32).collect();
                let got =
                    lookup.nearest(rows, &queries, &|i| exact[i].clone(), 25, &|| Box::pin(async {})).await.unwrap();
                let expected: Vec<_> = exact.iter().map(|query| scanned(rows, metric, query, 25)).collect();
                assert_eq!(got, expected, "{metric:?} on {}", device.name());
            }
        }
    }
}
