//! Tokens that are accepted, and those that are not.

use std::fmt::Write as _;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use expect_test::expect;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

use super::*;

/// The key of RFC 8037, appendix A.
const SEED: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
/// What PKCS #8 puts before the seed of such a key.
const BEFORE: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
const NOW: u64 = 1_800_000_000;

fn provider(claim: &str) -> Provider {
    Provider::new(OidcConfig {
        name: "test".to_owned(),
        label: String::new(),
        issuer: "https://id.example".to_owned(),
        client_id: "us".to_owned(),
        client_secret: None,
        scopes: Vec::new(),
        tenant: "acme".to_owned(),
        roles: None,
        claim: claim.to_owned(),
        url: None,
    })
}

fn keys() -> JwkSet {
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": PUBLIC, "kid": "one", "alg": "EdDSA" });
    serde_json::from_value(json!({ "keys": [key] })).expect("keys")
}

fn signed(claims: &Value) -> String {
    let seed = URL_SAFE_NO_PAD.decode(SEED).expect("a seed");
    let key = EncodingKey::from_ed_der(&[&BEFORE[..], &seed].concat());
    encode(&Header::new(Algorithm::EdDSA), claims, &key).expect("a token")
}

fn read(token: &str, claim: &str) -> String {
    let provider = provider(claim);
    let told = || {
        let header = decode_header(token).map_err(|error| OidcError::Token(error.to_string()))?;
        let key = key_of(&keys(), header.kid.as_deref()).expect("the only key");
        let (subject, all) = provider.read(token, header.alg, key, "n", NOW)?;
        provider.named(&subject, &all)
    };
    told().map_or_else(|error| error.to_string(), |identity| format!("{identity:?}"))
}

#[test]
fn a_token_is_looked_at_from_all_sides() {
    let good = json!({
        "iss": "https://id.example", "sub": "7", "aud": "us", "exp": NOW + 300, "nonce": "n",
        "email": "Vera@acme.example", "email_verified": true, "name": "Vera",
    });
    let mut told = String::new();
    for (key, value) in [
        ("iat", json!(NOW)),
        ("aud", json!(["us"])),
        ("aud", json!(["us", "them"])),
        ("aud", json!("them")),
        ("aud", json!(null)),
        ("azp", json!("them")),
        ("iss", json!("https://id.example/")),
        ("exp", json!(NOW - 60)),
        ("exp", json!(NOW - 59)),
        ("exp", json!("never")),
        ("nbf", json!(NOW + 61)),
        ("nbf", json!("now")),
        ("nonce", json!("m")),
        ("nonce", json!(null)),
        ("sub", json!("")),
        ("sub", json!(7)),
        ("email_verified", json!(false)),
        ("email_verified", json!("true")),
        ("email", json!(null)),
    ] {
        let mut claims = good.clone();
        claims[key] = value.clone();
        let _ = writeln!(told, "{key} {value}: {}", read(&signed(&claims), "email"));
    }
    expect![[r#"
        iat 1800000000: Identity { external: "https://id.example 7", name: "Vera@acme.example", full_name: "Vera" }
        aud ["us"]: Identity { external: "https://id.example 7", name: "Vera@acme.example", full_name: "Vera" }
        aud ["us","them"]: the token is not accepted: it is for another audience
        aud "them": the token is not accepted: it is for another audience
        aud null: the token is not accepted: data did not match any variant of untagged enum Audience
        azp "them": the token is not accepted: it is for another audience
        iss "https://id.example/": the token is not accepted: it is of another issuer
        exp 1799999940: the token is not accepted: it has expired
        exp 1799999941: Identity { external: "https://id.example 7", name: "Vera@acme.example", full_name: "Vera" }
        exp "never": the token is not accepted: invalid type: string "never", expected u64
        nbf 1800000061: the token is not accepted: it is not valid yet
        nbf "now": the token is not accepted: invalid type: string "now", expected u64
        nonce "m": the token is not accepted: it is for another sign-in
        nonce null: the token is not accepted: it is for another sign-in
        sub "": the token is not accepted: its subject is empty or too long
        sub 7: the token is not accepted: invalid type: integer `7`, expected a string
        email_verified false: the token has no `email` that is verified: the provider of identity must give it
        email_verified "true": Identity { external: "https://id.example 7", name: "Vera@acme.example", full_name: "Vera" }
        email null: the token has no `email`: the provider of identity must give it
    "#]].assert_eq(&told);
}

#[test]
fn only_a_signature_by_the_providers_key_counts() {
    let claims = json!({
        "iss": "https://id.example", "sub": "7", "aud": "us", "exp": NOW + 300, "nonce": "n",
        "login": "vera",
    });
    let good = signed(&claims);
    assert!(read(&good, "login").starts_with("Identity"), "{}", read(&good, "login"));
    // By a secret that everybody knows: the public key as text.
    let shared = EncodingKey::from_secret(PUBLIC.as_bytes());
    let shared = encode(&Header::new(Algorithm::HS256), &claims, &shared).expect("a token");
    let (head, rest) = good.split_once('.').expect("three parts");
    let (body, signature) = rest.split_once('.').expect("three parts");
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let other = part(
        &json!({ "iss": "https://id.example", "sub": "8", "aud": "us", "exp": NOW + 300, "nonce": "n", "login": "root" }),
    );
    let none = part(&json!({ "alg": "none" }));
    let mut told = String::new();
    for token in [
        shared,
        format!("{head}.{other}.{signature}"),
        format!("{none}.{body}."),
        format!("{head}.{body}."),
        format!("{head}.{body}"),
    ] {
        let _ = writeln!(told, "{}", read(&token, "login"));
    }
    expect![[r#"
        the token is not accepted: it is not signed by a public key
        the token is not accepted: InvalidSignature
        the token is not accepted: JSON error: unknown variant `none`, expected one of `HS256`, `HS384`, `HS512`, `ES256`, `ES384`, `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `EdDSA` at line 1 column 13
        the token is not accepted: InvalidSignature
        the token is not accepted: InvalidToken
    "#]].assert_eq(&told);
}

#[test]
fn secrets_are_sent_by_tls_or_not_off_this_machine() {
    for (url, host) in [
        ("https://id.example/realms/acme", Some("id.example")),
        ("https://id.example:8443", Some("id.example:8443")),
        ("http://127.0.0.1:9000/x", Some("127.0.0.1:9000")),
        ("http://[::1]:9000/x", Some("[::1]:9000")),
        ("http://localhost:9000", Some("localhost:9000")),
        ("http://id.example", None),
        ("http://localhost.evil.example", None),
        ("http://127.0.0.1@evil.example/", None),
        ("https://", None),
        ("ftp://id.example", None),
    ] {
        assert_eq!(check_address(url).ok(), host, "{url}");
    }
}
