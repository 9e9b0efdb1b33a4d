//! Texts against patterns with wildcards.

/// Whether `text` matches a shell pattern with `*` and `?`; everything else is literal.
pub fn glob(pattern: &str, text: &str) -> bool {
    fits(pattern, text, true)
}

/// Whether `text` matches `pattern`, in which only `*` stands for any characters: a `?` is one, as in an address with a query.
pub fn starred(pattern: &str, text: &str) -> bool {
    fits(pattern, text, false)
}

/// Time is at most the product of the lengths.
fn fits(pattern: &str, text: &str, question: bool) -> bool {
    let (p, t) = (pattern.as_bytes(), text.as_bytes());
    let next = |at: usize| (at + 1..t.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(t.len());
    let (mut i, mut j) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = t.get(j) {
        match (p.get(i), star) {
            (Some(b'*'), _) => {
                i += 1;
                star = Some((i, j));
            }
            (Some(b'?'), _) if question => {
                i += 1;
                j = next(j);
            }
            (Some(wanted), _) if wanted == byte => {
                i += 1;
                j += 1;
            }
            (_, Some((after, from))) => {
                i = after;
                j = next(from);
                star = Some((after, j));
            }
            (_, None) => return false,
        }
    }
    p.get(i..).is_none_or(|rest| rest.iter().all(|c| *c == b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glob_matches_as_the_shell_does() {
        assert!(glob("release/*", "release/1.2"));
        assert!(!glob("release/?", "release/1.2"));
        assert!(glob("*", ""));
        assert!(glob("?*b", "éab") && glob("*?", "é") && !glob("??", "é"));
    }

    #[test]
    fn a_question_mark_is_itself_where_only_stars_count() {
        assert!(starred("*/build?token=*", "ci/job/build?token=x"));
        assert!(!starred("*/build?token=*", "ci/job/build/token=x"));
        assert!(starred("a*b*c", "aXbYbc") && !starred("a*b", "abc"));
    }
}
