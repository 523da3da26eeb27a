//! The cookie of a session, and from which pages it may come.

use axum::http::{HeaderMap, header};

use super::auth::forbidden;
use super::problem::Problem;

/// The prefix has browsers refuse it unless it is `Secure`, of this host alone and of every path
/// (RFC 6265bis, 4.1.3.2).
const NAME: &str = "__Host-jackfield";

/// Of a browser that is at a provider of identity.
const VISIT: &str = "__Host-jackfield-visit";

/// The value of the session's cookie in `headers`.
pub fn of(headers: &HeaderMap) -> Option<&str> {
    named(headers, NAME)
}

/// The value of the cookie by which a browser is known that comes back from a provider of identity.
pub fn visit(headers: &HeaderMap) -> Option<&str> {
    named(headers, VISIT)
}

fn named<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs =
        all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut ours = pairs.filter(|(name, value)| *name == wanted && !value.is_empty());
    ours.next().map(|(_, value)| value)
}

/// Sets the cookie: until the browser is closed, out of reach of scripts, never sent from other sites.
pub fn set(value: &str) -> String {
    format!("{NAME}={value}; Path=/; Secure; HttpOnly; SameSite=Strict")
}

/// Removes the cookie.
pub fn clear() -> String {
    format!("{NAME}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// Sets the cookie of a visit to a provider of identity, for ten minutes. It comes back from there, from
/// another site, by a link.
pub fn set_visit(value: &str) -> String {
    format!("{VISIT}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600")
}

/// Removes the cookie of a visit.
pub fn clear_visit() -> String {
    format!("{VISIT}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// Refuses what a page of another site has a browser send: it would come with the cookie of whoever
/// looks at that page. Browsers say where a request comes from by `Sec-Fetch-Site` (Fetch Metadata), older ones by
/// `Origin` alone; programs say neither.
///
/// # Errors
///
/// 403.
pub fn same_site(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let fine = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) if !matches!(site, "same-origin" | "none") => false,
        (_, Some(origin)) => {
            let host = text("host").unwrap_or_default();
            origin.split_once("://").is_some_and(|(_, at)| at.eq_ignore_ascii_case(host))
        }
        _ => true,
    };
    match fine {
        true => Ok(()),
        false => Err(forbidden("the request comes from a page of another site")),
    }
}

#[cfg(test)]
mod tests {
    use super::{clear, of, same_site, set};
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let sent = |value| of(&headers(&[("cookie", value)])).map(str::to_owned);
        assert_eq!(sent("__Host-jackfield=abc").as_deref(), Some("abc"));
        assert_eq!(sent("a=b; __Host-jackfield=abc; c=d").as_deref(), Some("abc"));
        for none in
            ["", "jackfield=abc", "__Host-jackfield=", "__Host-jackfield", "x__Host-jackfield=a"]
        {
            assert_eq!(sent(none), None, "{none}");
        }
        assert!(set("abc").starts_with("__Host-jackfield=abc; ") && clear().ends_with("Max-Age=0"));
    }

    #[test]
    fn only_our_own_pages_send_it() {
        let host = ("host", "centre.example:8080");
        for (fine, sent) in [
            (true, vec![host]),
            (true, vec![host, ("sec-fetch-site", "same-origin")]),
            (true, vec![host, ("sec-fetch-site", "none")]),
            (true, vec![host, ("origin", "https://centre.example:8080")]),
            (false, vec![host, ("sec-fetch-site", "cross-site")]),
            (false, vec![host, ("sec-fetch-site", "same-site")]),
            (false, vec![host, ("origin", "https://evil.example")]),
            (false, vec![host, ("origin", "null")]),
            (
                false,
                vec![host, ("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
            ),
        ] {
            assert_eq!(same_site(&headers(&sent)).is_ok(), fine, "{sent:?}");
        }
    }
}
