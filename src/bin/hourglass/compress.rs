//! `hourglass compress`, `decompress`: inputs as a file of codes with the decoder in it, and back.
use super::arguments::{Arguments, Compress, Decompress};
use super::input::{Outcome, device, read, split, trained, write};
use super::weights::{Table, codes, fits, outputs};
use hourglass::data::png;
use hourglass::lessons::compress::file::{Compressed, fit_half};
use hourglass::lessons::compress::{Quantiser, RANGED, psnr, range};
use hourglass::lessons::distortion::squared_error;
use hourglass::nn::{Rows, part};

pub async fn compress(options: &Compress, arguments: &Arguments) -> Outcome {
    let trained = trained(&options.weights)?;
    let name = trained.data(&options.data);
    let split = split(name)?;
    fits(&split.test, trained.spec.inputs())?;
    let learned = trained.recipe.learned_from(&split.train).map_err(|e| e.to_string())?;
    let device = device(options.device).await?;
    let known = codes(&device, &trained, &learned, RANGED as usize).await?;
    let codes = codes(&device, &trained, &split.test, options.first as usize).await?;
    if known.iter().chain(&codes).any(|code| !code.is_finite()) {
        return Err("the network's codes are no longer numbers: train it with a lower learning rate".into());
    }
    let z = trained.spec.z() as usize;
    let column = |value: usize| known.iter().skip(value).step_by(z).copied().collect();
    let ranges = (0..z).map(|value| range(column(value), options.bits)).collect();
    let quantiser = Quantiser { bits: options.bits, ranges };
    let (decoder, weights) = part::decoder(&trained.spec, &trained.values);
    let (shape, count) = (split.test.shape(), (codes.len() / z) as u32);
    let file = Compressed {
        // A file's name is no slug: what is in it cannot be found by it.
        data: if hourglass::data::source(name).is_some() { name.into() } else { String::new() },
        first: 0,
        count,
        shape: (shape.rows as u32, shape.cols as u32),
        unit: split.unit(),
        packed: quantiser.pack(&codes),
        quantiser,
        weights: weights.to_vec(),
        decoder,
        half: !options.f32 && fit_half(weights),
    };
    let bytes = file.write().map_err(|e| e.to_string())?;
    write(&options.out, &bytes)?;
    let rounded = file.codes();
    let decoder = part::still(&device, &file.decoder, &file.weights);
    let outputs = outputs(&device, &decoder, Rows::Floats(&rounded), file.decoder.layers.len()).await?;
    let inputs: Vec<f32> = (0..count as usize).filter_map(|row| split.test.row(row)).flatten().collect();
    let mse = squared_error(&inputs, &outputs, file.unit) / inputs.len().max(1) as f64;
    let (codes, all) = (file.packed.len(), bytes.len());
    let each = codes as f64 / f64::from(count.max(1));
    if arguments.json {
        let json = serde_json::json!({
            "device": device.name(), "inputs": count, "z": z, "bits": options.bits, "bytes": all, "bytes_of_codes": codes,
            "bytes_each": each, "mse": mse,
        });
        println!("{json}");
    } else {
        let noise = if file.unit { format!(", PSNR {:.2} dB", psnr(mse as f32, 1.0)) } else { String::new() };
        println!(
            "{count} inputs on {}, {each} bytes each: codes {codes} bytes, with the decoder {all}; error {mse:.6}{noise}",
            device.name()
        );
    }
    Ok(())
}

pub async fn decompress(options: &Decompress, arguments: &Arguments) -> Outcome {
    let path = options.file.display();
    let bytes = read(&options.file)?;
    let file = Compressed::read(&bytes).map_err(|error| format!("{path}: {error}"))?;
    let device = device(options.device).await?;
    let codes = file.codes();
    let decoder = part::still(&device, &file.decoder, &file.weights);
    let mut values = outputs(&device, &decoder, Rows::Floats(&codes), file.decoder.layers.len()).await?;
    if file.unit {
        values.iter_mut().for_each(|value| *value = value.clamp(0.0, 1.0));
    }
    let (rows, columns) = file.shape;
    let device = device.name();
    eprintln!("{} inputs of {rows} x {columns}, {} bytes, decoded on {device}", file.count, bytes.len());
    let as_picture = |path: &&std::path::PathBuf| path.extension().is_some_and(|end| end == "png");
    if let Some(out) = options.out.as_ref().filter(as_picture) {
        if !file.unit {
            return Err(format!("{path} holds series, which make no picture: write CSV"));
        }
        let (picture, size) = sheet(&values, [columns as usize, rows as usize]);
        write(out, png::grey(size[1] as u32, size[0] as u32, &picture).map_err(|e| e.to_string())?)?;
        if arguments.json {
            let json = serde_json::json!({
                "device": device, "count": file.count, "shape": [rows, columns], "bytes": bytes.len(), "file": out,
            });
            println!("{json}");
        }
        return Ok(());
    }
    let table = Table { device, column: "x", width: (rows * columns) as usize, values, labels: None };
    table.finish(options.out.as_deref(), arguments)
}

/// All pictures on one, in rows of about as many as there are rows; its pixels, and its width and height.
fn sheet(values: &[f32], [wide, high]: [usize; 2]) -> (Vec<u8>, [usize; 2]) {
    let count = values.len() / (wide * high);
    let across = (count as f64).sqrt().ceil() as usize;
    let size = [across * wide, count.div_ceil(across) * high];
    let mut pixels = vec![0; size[0] * size[1]];
    for (i, picture) in values.chunks_exact(wide * high).enumerate() {
        for (y, line) in picture.chunks_exact(wide).enumerate() {
            let at = (i / across * high + y) * size[0] + i % across * wide;
            for (pixel, value) in pixels[at..at + wide].iter_mut().zip(line) {
                *pixel = (value * 255.0).round() as u8;
            }
        }
    }
    (pixels, size)
}
