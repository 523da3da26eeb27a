//! The known word that a mistyped one probably was.

/// Returns the word of `known` that is nearest to `word`, the first of them if several are; `None` if
/// all are further than a third of its characters, at least 2.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let furthest = (word.chars().count() / 3).max(2);
    let distances = known.into_iter().map(|known| (distance(&word, &known.to_lowercase()), known));
    let (distance, nearest) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= furthest).then_some(nearest)
}

/// The number of characters to change, add or take away between two words (Levenshtein 1965).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, cb) in b.chars().enumerate() {
            let changed = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.chars().count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_if_it_is_near() {
        let known = ["Europe/Berlin", "Europe/Dublin", "level", "has"];
        let pairs = [
            ("europe/berlin", Some("Europe/Berlin")),
            ("Europe/Berln", Some("Europe/Berlin")),
            ("Europe/Dubln", Some("Europe/Dublin")),
            ("levle", Some("level")),
            ("haz", Some("has")),
            ("", None),
            ("sales", None),
        ];
        for (word, expected) in pairs {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }
}
