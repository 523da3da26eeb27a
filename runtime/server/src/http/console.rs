//! The pages of the console, and the chat window for other sites: they are built into the program.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

mod files {
    include!(concat!(env!("OUT_DIR"), "/console_files.rs"));
}

/// Nothing runs, is shown or is asked but what comes from this server. Styles may stand in the page: the
/// components set sizes and colours there.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Names of these files change with what is in them.
const UNCHANGING: &str = "/assets/";

/// The chat window, which pages of other sites include under this one name.
const WIDGET: &str = "/widget.js";

/// What is shown where the program was built without the pages.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Jackfield</title>\
    <h1>Jackfield is up</h1><p>This program was built without the console: <code>make console</code> builds \
    the pages, and the next build of the program has them. The interface is at \
    <a href=\"/api/v1/openapi.json\">/api/v1</a>.</p></html>";

struct File {
    plain: &'static [u8],
    /// By Brotli (RFC 7932) and gzip (RFC 1952), under the names of the encodings, the smaller first.
    small: Vec<(&'static str, &'static [u8])>,
    tag: String,
}

/// The files by path.
static FILES: LazyLock<BTreeMap<&'static str, File>> = LazyLock::new(|| {
    let all: BTreeMap<&str, &[u8]> = files::FILES.iter().copied().collect();
    let plain = all.iter().filter(|(path, _)| !path.ends_with(".br") && !path.ends_with(".gz"));
    let file = |(path, bytes): (&&'static str, &&'static [u8])| {
        let of = |(encoding, end)| Some((encoding, *all.get(format!("{path}{end}").as_str())?));
        let small = [("br", ".br"), ("gzip", ".gz")].into_iter().filter_map(of).collect();
        let digest = Sha256::digest(bytes);
        let tag = digest[..12].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        (*path, File { plain: bytes, small, tag: format!("\"{tag}\"") })
    };
    plain.map(file).collect()
});

/// Answers what no route of the interface has: a file of the pages, or the page itself, which shows what
/// the path says.
pub async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let page = path == "/" || path == "/signin" || path.starts_with("/t/");
    if page && !FILES.contains_key("/index.html") {
        return answer(NOT_BUILT.as_bytes().into(), "text/html; charset=utf-8", "no-cache");
    }
    let wanted = if page { "/index.html" } else { path };
    let Some(file) = FILES.get(wanted) else { return StatusCode::NOT_FOUND.into_response() };
    let keep = match wanted {
        WIDGET => "public, max-age=600",
        wanted if wanted.starts_with(UNCHANGING) => "public, max-age=31536000, immutable",
        _ => "no-cache",
    };
    let known = request.headers().get(header::IF_NONE_MATCH);
    let mut response = if known.is_some_and(|known| known.as_bytes() == file.tag.as_bytes()) {
        let mut response = answer(Body::empty(), kind(wanted), keep);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        sent(file, request.headers(), kind(wanted), keep)
    };
    if let Ok(tag) = HeaderValue::from_str(&file.tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    if wanted == WIDGET {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        let everywhere = HeaderValue::from_static("cross-origin");
        headers.insert("cross-origin-resource-policy", everywhere);
    }
    response
}

fn sent(file: &File, headers: &HeaderMap, kind: &'static str, keep: &'static str) -> Response {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let accepts = |encoding: &str| {
        let mut all = accepted.unwrap_or_default().split(',').map(|one| one.trim().split(';'));
        all.any(|mut one| one.next() == Some(encoding) && !one.any(|weight| weight.trim() == "q=0"))
    };
    let small = file.small.iter().find(|(encoding, _)| accepts(encoding));
    let bytes = small.map_or(file.plain, |(_, bytes)| *bytes);
    let mut response = answer(bytes.into(), kind, keep);
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some((encoding, _)) = small {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn answer(body: Body, kind: &'static str, keep: &'static str) -> Response {
    let mut response = Response::new(body);
    let said = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, keep),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in said {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
