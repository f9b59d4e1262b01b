//! Areas whose names stand in an address: for a place without a position, they suggest where it is.

/// Whether the words of an area's name stand in the address, one after another, whatever their case and what is between them.
#[must_use]
pub fn is_named_in(name: &str, address: &str) -> bool {
    let (name, address) = (words(name), words(address));
    !name.is_empty() && address.windows(name.len()).any(|part| part == name)
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Tanah Abang", "Jl. Fachrudin, TANAH ABANG, Jakarta Pusat", true)]
    #[case("Tanah Abang", "Tanah-Abang 3", true)]
    #[case("Tanah Abang", "Tanahabang", false)]
    #[case("Roa Malaka", "Jl. Malaka, Roa", false)]
    #[case("Duri", "Jl. Durian 4", false)]
    #[case("", "Jl. Durian 4", false)]
    fn a_name_stands_in_an_address_word_by_word(
        #[case] name: &str,
        #[case] address: &str,
        #[case] stands: bool,
    ) {
        assert_eq!(is_named_in(name, address), stands);
    }
}
