//! Somebody at the door, in all ways.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use super::{Attempt, Refused, Signed};
use crate::access::{People, Policy, Role, UserChange, secret};
use expect_test::expect;

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
/// 2026-11-21T09:00:00Z
const NINE: u64 = 1_795_251_600_000_000;
const SECOND: u64 = 1_000_000;

fn change(roles: &[Role]) -> UserChange {
    UserChange { roles: roles.to_vec(), ..UserChange::default() }
}

async fn people() -> People {
    let people = People::open(None, Policy::default()).expect("no store");
    for (tenant, name) in [("acme", "anna"), ("romashka", "anna"), ("acme", "boris")] {
        let password = Some(format!("password of {tenant}"));
        let added = people.add(tenant, name, change(&[Role::Agent]), password, NINE).await;
        assert_eq!(added.expect("a user").1, None);
    }
    people
}

async fn attempt(
    people: &People,
    name: &str,
    password: &str,
    code: Option<&str>,
    now: u64,
) -> Result<Signed, Refused> {
    let attempt = Attempt {
        name: name.to_owned(),
        password: password.to_owned(),
        code: code.map(str::to_owned),
        address: HOME,
        browser: "test".to_owned(),
        now,
    };
    people.sign_in(attempt).await
}

fn told(result: &Result<Signed, Refused>) -> String {
    match result {
        Ok(signed) => format!("{} of {}", signed.session.user, signed.session.tenant),
        Err(Refused::Wait(wait)) => format!("wait {} s", wait.as_secs() + 1),
        Err(other) => format!("{other:?}"),
    }
}

#[tokio::test]
async fn a_name_that_several_have_needs_its_tenant() {
    let people = people().await;
    let mut script = String::new();
    for (name, password) in [
        ("boris", "password of acme"),
        (" Boris@ACME ", "password of acme"),
        ("anna", "password of acme"),
        ("anna@acme", "password of acme"),
        ("anna@romashka", "password of acme"),
        ("anna@romashka", "password of romashka"),
        ("nobody", "password of acme"),
        ("boris@romashka", "password of acme"),
    ] {
        let result = attempt(&people, name, password, None, NINE).await;
        let _ = writeln!(script, "{name}: {}", told(&result));
    }
    expect![[r#"
        boris: boris of acme
         Boris@ACME : boris of acme
        anna: Wrong
        anna@acme: anna of acme
        anna@romashka: Wrong
        anna@romashka: anna of romashka
        nobody: Wrong
        boris@romashka: Wrong
    "#]]
    .assert_eq(&script);
}

#[tokio::test]
async fn who_guesses_waits_also_with_the_right_password() {
    let people = people().await;
    for _ in 0..5 {
        assert_eq!(told(&attempt(&people, "boris", "a guess", None, NINE).await), "Wrong");
    }
    let right = attempt(&people, "boris", "password of acme", None, NINE).await;
    assert_eq!(told(&right), "wait 30 s");
    // Somebody else at the same address does not.
    let other = attempt(&people, "anna@acme", "password of acme", None, NINE).await;
    assert_eq!(told(&other), "anna of acme");
}

#[tokio::test]
async fn a_session_ends_by_rest_by_age_and_with_the_user() {
    let people = people().await;
    let hours = |hours: u64| hours * 3_600 * SECOND;
    let signed = attempt(&people, "boris", "password of acme", None, NINE).await.expect("in");
    assert!(people.session(&signed.cookie, NINE + hours(11)).is_some());
    assert!(people.session(&signed.cookie, NINE + hours(22)).is_some(), "use keeps it");
    assert!(people.session(&signed.cookie, NINE + hours(34)).is_none(), "12 hours of rest");
    assert!(people.session("x", NINE).is_none());

    let signed = attempt(&people, "boris", "password of acme", None, NINE).await.expect("in");
    let mut at = NINE;
    while people.session(&signed.cookie, at).is_some() {
        at += hours(6);
    }
    assert_eq!((at - NINE) / hours(24), 7, "a week at most");

    let signed = attempt(&people, "boris", "password of acme", None, NINE).await.expect("in");
    let disabled = UserChange { disabled: true, ..change(&[Role::Agent]) };
    people.change("acme", "boris", disabled, NINE).await.expect("changed");
    assert!(people.session(&signed.cookie, NINE).is_none());
    assert_eq!(told(&attempt(&people, "boris", "password of acme", None, NINE).await), "Wrong");
}

#[tokio::test]
async fn losing_a_role_signs_out_and_gaining_one_does_not() {
    let people = people().await;
    let signed = attempt(&people, "boris", "password of acme", None, NINE).await.expect("in");
    let both = change(&[Role::Agent, Role::Supervisor]);
    people.change("acme", "boris", both, NINE).await.expect("changed");
    assert!(people.session(&signed.cookie, NINE).is_some());
    people.change("acme", "boris", change(&[Role::Planner]), NINE).await.expect("changed");
    assert!(people.session(&signed.cookie, NINE).is_none());
}

#[tokio::test]
async fn one_time_codes_are_taken_once_and_recovery_codes_too() {
    let people = people().await;
    let signed = attempt(&people, "boris", "password of acme", None, NINE).await.expect("in");
    let totp = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let code = |now: u64| {
        let is = |code: &String| {
            secret::totp_step(totp, code, now / SECOND, 0) == Some(now / SECOND / 30)
        };
        (0..1_000_000).map(|code| format!("{code:06}")).find(is).expect("a code")
    };
    let wrong = people.switch_totp_on(&signed.session, totp, "000000", NINE).await;
    assert!(wrong.is_err());
    let first = code(NINE);
    let recovery = people.switch_totp_on(&signed.session, totp, &first, NINE).await.expect("on");
    assert_eq!(recovery.len(), 8);
    let mut script = String::new();
    let later = NINE + 60 * SECOND;
    let next = code(later);
    for (what, code, now) in [
        ("without", None, NINE),
        ("the one that switched it on", Some(first.as_str()), NINE),
        ("the next", Some(next.as_str()), later),
        ("the same again", Some(next.as_str()), later),
        ("a recovery code", recovery.first().map(String::as_str), later),
        ("the same recovery code", recovery.first().map(String::as_str), later),
    ] {
        let result = attempt(&people, "boris", "password of acme", code, now).await;
        let _ = writeln!(script, "{what}: {}", told(&result));
    }
    expect![[r#"
        without: CodeNeeded
        the one that switched it on: WrongCode
        the next: boris of acme
        the same again: WrongCode
        a recovery code: boris of acme
        the same recovery code: WrongCode
    "#]]
    .assert_eq(&script);
    let off = people.switch_totp_off(&signed.session, "a guess".to_owned(), later).await;
    assert!(off.is_err());
    let off = people.switch_totp_off(&signed.session, "password of acme".to_owned(), later).await;
    off.expect("off");
    let result = attempt(&people, "boris", "password of acme", None, later).await;
    assert_eq!(told(&result), "boris of acme");
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let people = people().await;
    let one = attempt(&people, "boris", "password of acme", None, NINE).await.expect("in");
    let other = attempt(&people, "boris", "password of acme", None, NINE).await.expect("in");
    let change = |old: &str, new: &str| {
        people.change_password(&one.session, old.to_owned(), new.to_owned(), NINE)
    };
    for (old, new) in [
        ("a guess", "a new password"),
        ("password of acme", "short"),
        ("password of acme", "password of acme"),
    ] {
        assert!(change(old, new).await.is_err(), "{old} {new}");
    }
    change("password of acme", "a new password").await.expect("changed");
    assert!(people.session(&one.cookie, NINE).is_some());
    assert!(people.session(&other.cookie, NINE).is_none());
}

#[tokio::test]
async fn what_somebody_else_gave_must_be_changed() {
    let people = people().await;
    let (user, made) =
        people.add("acme", "vera", change(&[Role::Quality]), None, NINE).await.expect("added");
    let made = made.expect("a password");
    assert!(user.must_change);
    let signed = attempt(&people, "vera", &made, None, NINE).await.expect("in");
    let new = "vera's own password".to_owned();
    let user = people.change_password(&signed.session, made, new, NINE).await.expect("changed");
    assert!(!user.must_change);
    let (user, again) = people.reset("acme", "vera", NINE).await.expect("reset");
    assert!(user.must_change && people.session(&signed.cookie, NINE).is_none());
    assert_eq!(told(&attempt(&people, "vera", &again, None, NINE).await), "vera of acme");
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_the_reason() {
    let people = people().await;
    let mut script = String::new();
    for (tenant, name, change) in [
        ("acme", "boris", change(&[Role::Agent])),
        ("acme", "b b", change(&[Role::Agent])),
        ("acme", "vera", change(&[])),
        ("acme", "vera", change(&[Role::Provider])),
        ("", "vera", change(&[Role::Admin])),
        ("", "vera", UserChange { agent: Some("vera".to_owned()), ..change(&[Role::Provider]) }),
    ] {
        let refused = people.add(tenant, name, change, None, NINE).await.expect_err("refused");
        let _ = writeln!(script, "{refused}");
    }
    expect![[r#"
        there is a user `boris` already
        `name`: 1 to 100 letters, digits, `.`, `_`, `-`, `+` and `@` are accepted, as in an e-mail address
        `roles`: one or more are needed
        `roles`: `provider` is the role of users without a tenant, and theirs alone
        `roles`: `provider` is the role of users without a tenant, and theirs alone
        `agent`: only a tenant's user is an agent
    "#]]
    .assert_eq(&script);
}
