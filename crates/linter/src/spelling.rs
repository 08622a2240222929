//! The nearest known spelling of a word.

/// The candidate most like `word`, or `None` where none is near: at most a third of the letters
/// differ. Of equally near ones the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        // The length alone tells most pairs apart, and costs nothing.
        let most = length.max(candidate.chars().count()) / 3;
        if length.abs_diff(candidate.chars().count()) > most {
            continue;
        }
        let distance = strsim::osa_distance(word, candidate);
        if distance <= most && best.is_none_or(|(nearest, _)| distance < nearest) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_of_several_is_found() {
        assert_eq!(
            nearest("mutliple-heads", ["multiple-bases", "multiple-heads"]),
            Some("multiple-heads")
        );
        assert_eq!(nearest("zebra", ["multiple-heads"]), None);
        assert_eq!(nearest("", ["ab"]), None);
    }
}
