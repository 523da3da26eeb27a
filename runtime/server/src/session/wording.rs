//! What those who wait are told, in the words of their language. Nothing is played here.
//!
//! Russian and English are spoken here; any other language is told in English.

use std::time::Duration;

use jackfield_core::Estimate;

/// Waits are told in whole minutes, rounded up.
const STEP: Duration = Duration::from_secs(60);

/// Words and the language they are in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Words {
    /// BCP 47.
    pub language: String,
    /// What is said.
    pub text: String,
}

/// Says the position and the estimated wait; `None` if neither is to be told. A position of 1 is next.
pub fn announcement(
    language: &str,
    position: Option<u32>,
    wait: Option<Estimate>,
) -> Option<Words> {
    let russian = language.split('-').next() == Some("ru");
    let place = if russian { place_ru } else { place_en };
    let time = if russian { time_ru } else { time_en };
    let said: Vec<String> = position.map(place).into_iter().chain(wait.map(time)).collect();
    let english = language.split('-').next() == Some("en");
    let language = if russian || english { language } else { "en" };
    let words = Words { language: language.to_owned(), text: said.join(" ") };
    (!said.is_empty()).then_some(words)
}

fn place_en(position: u32) -> String {
    match position.saturating_sub(1) {
        0 => "You are next in line.".to_owned(),
        1 => "There is 1 caller ahead of you.".to_owned(),
        ahead => format!("There are {ahead} callers ahead of you."),
    }
}

fn place_ru(position: u32) -> String {
    match position.saturating_sub(1) {
        0 => "Вы следующий в очереди.".to_owned(),
        ahead => {
            let people = plural_ru(ahead, ["человек", "человека", "человек"]);
            format!("Перед вами {ahead} {people}.")
        }
    }
}

fn time_en(wait: Estimate) -> String {
    let (likely, most) = minutes(wait);
    let span = |minutes: u32| {
        let (hours, minutes) = (minutes / 60, minutes % 60);
        let count = |number: u32, one: &str| {
            if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
        };
        match (hours, minutes) {
            (0, minutes) => count(minutes, "minute"),
            (hours, 0) => count(hours, "hour"),
            (hours, minutes) => {
                format!("{} and {}", count(hours, "hour"), count(minutes, "minute"))
            }
        }
    };
    match (likely, most) {
        (1, 1) => "The wait will be no longer than a minute.".to_owned(),
        (likely, most) if likely == most => format!("The wait will be about {}.", span(likely)),
        (likely, most) => format!(
            "The wait will be about {}, and for most callers no longer than {}.",
            span(likely),
            span(most)
        ),
    }
}

fn time_ru(wait: Estimate) -> String {
    let (likely, most) = minutes(wait);
    // After «около» and «не больше» stands the genitive: 1 минуты, 2 минут, 21 минуты.
    let span = |minutes: u32| {
        let (hours, minutes) = (minutes / 60, minutes % 60);
        let hours = (0 < hours)
            .then(|| format!("{hours} {}", plural_ru(hours, ["часа", "часов", "часов"])));
        let minutes = (0 < minutes)
            .then(|| format!("{minutes} {}", plural_ru(minutes, ["минуты", "минут", "минут"])));
        hours.into_iter().chain(minutes).collect::<Vec<_>>().join(" ")
    };
    match (likely, most) {
        (1, 1) => "Ожидание составит не больше минуты.".to_owned(),
        (likely, most) if likely == most => format!("Ожидание составит около {}.", span(likely)),
        (likely, most) => format!(
            "Ожидание составит около {}, для большинства — не больше {}.",
            span(likely),
            span(most)
        ),
    }
}

/// The two figures in whole minutes, at least one each.
fn minutes(wait: Estimate) -> (u32, u32) {
    let rounded = wait.rounded_up(STEP);
    let whole = |span: Duration| u32::try_from(span.as_secs() / 60).unwrap_or(u32::MAX).max(1);
    (whole(rounded.p50), whole(rounded.p90))
}

/// Chooses the form of a noun after a number: 1 and 21, 2 to 4 and 22 to 24, all others.
fn plural_ru(number: u32, [one, few, many]: [&str; 3]) -> &str {
    match (number % 10, number % 100) {
        (_, 11..=14) => many,
        (1, _) => one,
        (2..=4, _) => few,
        _ => many,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    /// A position, and P50 and P90 in seconds.
    type Case = (Option<u32>, Option<(u64, u64)>);

    #[track_caller]
    fn said(language: &str, cases: &[Case], expected: Expect) {
        let estimate =
            |(p50, p90)| Estimate { p50: Duration::from_secs(p50), p90: Duration::from_secs(p90) };
        let lines = cases.iter().map(|(position, wait)| {
            match announcement(language, *position, wait.map(estimate)) {
                Some(Words { language, text }) => format!("{language}: {text}\n"),
                None => "nothing\n".to_owned(),
            }
        });
        expected.assert_eq(&lines.collect::<String>());
    }

    const CASES: &[Case] = &[
        (None, None),
        (Some(1), None),
        (Some(2), Some((5, 30))),
        (Some(3), Some((61, 120))),
        (Some(5), Some((90, 300))),
        (Some(6), Some((21 * 60, 22 * 60))),
        (Some(12), Some((11 * 60, 3_600))),
        (Some(22), Some((3_660, 7_320))),
        (Some(26), None),
        (None, Some((14 * 60, 25 * 60))),
    ];

    #[test]
    fn english_counts_callers_minutes_and_hours() {
        said(
            "en-GB",
            CASES,
            expect![[r#"
            nothing
            en-GB: You are next in line.
            en-GB: There is 1 caller ahead of you. The wait will be no longer than a minute.
            en-GB: There are 2 callers ahead of you. The wait will be about 2 minutes.
            en-GB: There are 4 callers ahead of you. The wait will be about 2 minutes, and for most callers no longer than 5 minutes.
            en-GB: There are 5 callers ahead of you. The wait will be about 21 minutes, and for most callers no longer than 22 minutes.
            en-GB: There are 11 callers ahead of you. The wait will be about 11 minutes, and for most callers no longer than 1 hour.
            en-GB: There are 21 callers ahead of you. The wait will be about 1 hour and 1 minute, and for most callers no longer than 2 hours and 2 minutes.
            en-GB: There are 25 callers ahead of you.
            en-GB: The wait will be about 14 minutes, and for most callers no longer than 25 minutes.
        "#]],
        );
    }

    #[test]
    fn russian_declines_what_it_counts() {
        said(
            "ru",
            CASES,
            expect![[r#"
            nothing
            ru: Вы следующий в очереди.
            ru: Перед вами 1 человек. Ожидание составит не больше минуты.
            ru: Перед вами 2 человека. Ожидание составит около 2 минут.
            ru: Перед вами 4 человека. Ожидание составит около 2 минут, для большинства — не больше 5 минут.
            ru: Перед вами 5 человек. Ожидание составит около 21 минуты, для большинства — не больше 22 минут.
            ru: Перед вами 11 человек. Ожидание составит около 11 минут, для большинства — не больше 1 часа.
            ru: Перед вами 21 человек. Ожидание составит около 1 часа 1 минуты, для большинства — не больше 2 часов 2 минут.
            ru: Перед вами 25 человек.
            ru: Ожидание составит около 14 минут, для большинства — не больше 25 минут.
        "#]],
        );
    }

    #[test]
    fn other_languages_are_told_in_english() {
        said(
            "lv",
            &CASES[1..2],
            expect![[r#"
            en: You are next in line.
        "#]],
        );
    }
}
