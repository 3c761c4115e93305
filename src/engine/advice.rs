//! Why a browser gives no GPU to pages, and what its owner can do: by what it says of itself.
use crate::words;

/// What a browser says of itself.
pub struct Browser<'a> {
    /// Its user agent.
    pub agent: &'a str,
    /// The page came over https, or from this machine.
    pub secure: bool,
    /// It has WebGPU, but found no GPU for it.
    pub offers: bool,
}

/// In whole sentences.
pub fn without_gpu(browser: &Browser<'_>) -> String {
    if !browser.secure {
        return words!(
            "The page came over plain http, and browsers give the GPU only to pages that come over https: put https in place of http in the address."
        );
    }
    let has = |word: &str| browser.agent.contains(word);
    let android = has("Android");
    match () {
        // Every browser there is Safari inside.
        () if has("iPhone") || has("iPad") => words!(
            "On iPhones and iPads browsers give the GPU to pages from iOS 26 on: see whether Settings, General, Software Update has it for this device."
        ),
        () if has("Firefox/") => firefox(browser, android),
        () if has("Chrome/") || has("Chromium/") => chrome(browser, android),
        () if has("Safari/") => words!(
            "Safari gives the GPU to pages from version 26 on, and this is version {}: update macOS, or open this page in Chrome or Edge.",
            number(browser.agent, "Version/")
        ),
        () => words!("This browser gives no GPU to pages: open this page in a new Chrome, Edge, Safari or Firefox."),
    }
}

fn firefox(browser: &Browser<'_>, android: bool) -> String {
    let version = number(browser.agent, "Firefox/");
    match () {
        () if browser.offers => words!(
            "Firefox found no GPU that it may use: update the graphics driver; the page about:support says under Graphics what is wrong."
        ),
        () if browser.agent.contains("Windows") => words!(
            "On Windows Firefox gives the GPU to pages from version 141 on, and this is version {version}: update it, or open this page in Chrome or Edge."
        ),
        () if browser.agent.contains("Macintosh") => words!(
            "On Macs with a chip by Apple Firefox gives the GPU to pages from version 147 on, and this is version {version}: update it, or open this page in Chrome, or in Safari from version 26 on."
        ),
        () if android => words!("Firefox for Android gives no GPU to pages yet: open this page in Chrome."),
        () => words!(
            "On Linux Firefox {version} gives no GPU to pages by itself: open about:config and set dom.webgpu.enabled to true, or open this page in Chrome."
        ),
    }
}

fn chrome(browser: &Browser<'_>, android: bool) -> String {
    let edge = browser.agent.contains("Edg/") || browser.agent.contains("EdgA/");
    let (name, scheme) = if edge { ("Edge", "edge") } else { ("Chrome", "chrome") };
    let version = number(browser.agent, "Chrome/");
    match () {
        () if android => words!(
            "On Android {name} gives the GPU to pages from version 121 on, and this is version {version}; Android itself must be 12 or later, and some chips need 16: look for updates of both."
        ),
        () if version < 113 => {
            words!("{name} gives the GPU to pages from version 113 on, and this is version {version}: update it.")
        }
        () if browser.agent.contains("Linux") => words!(
            "On Linux {name} gives only some GPUs to pages by itself: update it and the graphics driver, or open {scheme}://flags/#enable-unsafe-webgpu, choose Enabled and start it again; {scheme}://gpu says what is wrong."
        ),
        () => words!(
            "{name} keeps this GPU from pages: turn on graphics acceleration in {scheme}://settings/system, update the graphics driver, and start it again; {scheme}://gpu says what is wrong."
        ),
    }
}

/// The whole number behind a word; 0 where there is none.
fn number(agent: &str, word: &str) -> u32 {
    let digits = agent.split_once(word).and_then(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// The fault, with what to do about it in the browser that this worker is in.
#[cfg(feature = "web")]
pub fn advised(error: crate::compute::GpuError) -> crate::compute::GpuError {
    use crate::compute::GpuError;
    use wasm_bindgen::JsCast;
    if !matches!(error, GpuError::NoAdapter) {
        return error;
    }
    let scope: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    let navigator = scope.navigator();
    let agent = navigator.user_agent().unwrap_or_default();
    let offers = js_sys::Reflect::get(&navigator, &"gpu".into()).is_ok_and(|gpu| gpu.is_truthy());
    GpuError::NotOffered(without_gpu(&Browser { agent: &agent, secure: scope.is_secure_context(), offers }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINUX: &str =
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36";

    fn said(agent: &str, offers: bool) -> String {
        without_gpu(&Browser { agent, secure: true, offers })
    }

    #[test]
    fn each_browser_is_told_what_helps_there() {
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
        let android = "Mozilla/5.0 (Linux; Android 10; K)";
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0";
        for (agent, offers, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".into(), false, "about:config"),
            ("Mozilla/5.0 (Android 15; Mobile; rv:146.0) Gecko/146.0 Firefox/146.0".into(), false, "Firefox for Android"),
            (format!("{windows}; rv:128.0) Gecko/20100101 Firefox/128.0"), false, "this is version 128"),
            (format!("{windows}; rv:146.0) Gecko/20100101 Firefox/146.0"), true, "about:support"),
            (format!("{mac}; rv:140.0) Gecko/20100101 Firefox/140.0"), false, "from version 147 on"),
            (format!("{mac} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15"), false, "version 17:"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/143.0 Mobile/15E148 Safari/604.1".into(), false, "iOS 26"),
            (LINUX.into(), true, "chrome://flags/#enable-unsafe-webgpu"),
            (format!("{windows} {webkit} Safari/537.36 Edg/143.0"), true, "edge://settings/system"),
            (format!("{mac} {webkit} Safari/537.36"), true, "chrome://settings/system"),
            (format!("{android} {webkit} Mobile Safari/537.36"), true, "12 or later"),
            (format!("{windows} AppleWebKit/537.36 Chrome/109.0 Safari/537.36"), false, "version 109"),
            ("curl/8".into(), false, "Chrome, Edge, Safari or Firefox"),
        ] {
            let told = said(&agent, offers);
            assert!(told.contains(words), "{agent}: {told:?} has no {words:?}");
        }
    }

    #[test]
    fn plain_http_comes_before_all_else() {
        let told = without_gpu(&Browser { agent: LINUX, secure: false, offers: false });
        assert!(told.contains("https"), "{told}");
    }
}
