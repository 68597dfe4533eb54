use std::collections::BTreeMap;

/// How often each word is in a text, whatever its case.
pub fn count(text: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn counts_each_word() {
        let counts = count("To be or not to be");
        assert_eq!((counts["to"], counts["be"], counts["or"]), (2, 2, 1));
    }

    #[test]
    fn counts_nothing_in_nothing() {
        assert!(count(" \n").is_empty());
    }
}
