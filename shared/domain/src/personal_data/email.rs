//! E-mail addresses, also written so that no machine should see them.

use super::pattern::Pattern;
use std::{ops::Range, sync::LazyLock};

static PATTERN: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?xi)
        [\w.+%'-]*[\w+-]
        (?:
          # budi@contoh.id, budi@gmail,com, budi@gmail
          @ [\w-]*[a-z][\w-]* (?: [.,][\w-]+ )*
          # budi @ contoh . id
        | \ {0,2} @ \ {0,2} [\w-]+ \ ?[.,]\ ? (?: com | net | org | id | co | go | ac | sch | web | my | or | biz | info )
          (?: \ ?[.,]\ ? (?: id | com | uk | au | my | sg ) )? \b
          # budi @gmail
        | \ {0,2} @ \ {0,2} (?: g-?mail | yahoo | ymail | rocketmail | hotmail | outlook | icloud | proton(?:mail)? )
          (?: [.,]? \ ? com? (?: \.id )? )? \b
          # budi [at] contoh dot id, budi(at)contoh.id, budi at gmail.com
        | \s* (?: [\[({<]\s* (?: at | et | @ ) \s*[\])}>] | \b\s(?:at|et)\s ) \s*
          [\w-]+ (?: (?: \s*[\[({<]\s*(?: dot | titik | \. )\s*[\])}>]\s* | \s+(?:dot|titik)\s+ | \. ) [\w-]+ )+
        )
        # budi.s gmail.com
      | \b \w+ [._\d] [\w.]* \ (?: g-?mail | yahoo | ymail | hotmail | outlook | icloud ) [.,] co (?: m | \.id ) \b",
    )
});

pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    PATTERN.find(text, Some)
}

#[cfg(test)]
#[test]
fn the_pattern_compiles() {
    assert!(PATTERN.compiles());
}
