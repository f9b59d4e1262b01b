//! Areas whose names stand in an address: for a place without a position, they suggest where it is.

/// A name as it is looked for in addresses: word by word, in lower case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AreaName(Vec<String>);

impl AreaName {
    /// The names of areas of one level of the tree, each without the words that all of them begin with (such as `Kelurahan`): people leave
    /// these away.
    #[must_use]
    pub fn of_level<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        let names: Vec<Vec<String>> = names.into_iter().map(words).collect();
        let shared = names.first().filter(|_| names.len() > 1).map_or(0, |first| {
            let is_shared =
                |at: &usize| names.iter().all(|name| name.len() > at + 1 && name.get(*at) == first.get(*at));
            (0..first.len()).take_while(is_shared).count()
        });
        names.into_iter().map(|mut name| Self(name.split_off(shared))).collect()
    }

    /// Whether it stands in the address, whatever is between its words.
    #[must_use]
    pub fn is_in(&self, address: &str) -> bool {
        let Self(name) = self;
        !name.is_empty() && words(address).windows(name.len()).any(|part| part == name)
    }
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const KELURAHAN: [&str; 4] =
        ["Kelurahan Cideng", "Kelurahan Kebon Sirih", "Kelurahan Duri", "Kelurahan Roa Malaka"];

    #[rstest]
    #[case("Jl. Cideng Barat 4, CIDENG", &["cideng"])]
    #[case("Kel. Kebon-Sirih", &["kebon sirih"])]
    #[case("Kebonsirih", &[])]
    #[case("Jl. Malaka, Roa", &[])]
    #[case("Jl. Durian 4", &[])]
    #[case("Kelurahan", &[])]
    #[case("Duri, Cideng", &["cideng", "duri"])]
    fn a_name_stands_in_an_address_without_the_word_that_all_of_its_level_begin_with(
        #[case] address: &str,
        #[case] named: &[&str],
    ) {
        let names = AreaName::of_level(KELURAHAN);
        let found = names.iter().filter(|name| name.is_in(address)).map(|name| name.0.join(" "));
        assert_eq!(found.collect::<Vec<_>>(), named);
    }

    #[test]
    fn a_name_alone_keeps_its_words_and_one_of_shared_words_its_last() {
        let whole = |names: &[&str]| -> Vec<String> {
            AreaName::of_level(names.iter().copied()).into_iter().map(|name| name.0.join(" ")).collect()
        };
        assert_eq!(whole(&["Kota Bandung"]), ["kota bandung"]);
        assert_eq!(whole(&["Kota Bandung", "Kota Bandung Barat"]), ["bandung", "bandung barat"]);
    }
}
