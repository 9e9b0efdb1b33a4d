//! Conditions in infix notation, as several vendors write them: comparisons of names with texts, patterns and lists, joined by
//! `and`, `or`, `not` or their signs. What a name or a call is, the vendor says.

pub mod infix;

use super::runs::{Pattern, both, either, not};
use crate::model::{Expr, Test};

/// Deepest nesting of brackets.
const MAX_DEPTH: usize = 64;

/// What a vendor's conditions may speak of.
pub struct Language<'a> {
    /// The value of a name; none: the word stands for itself.
    pub name: &'a dyn Fn(&str) -> Option<Expr>,
    /// The value of a call with its arguments; none: not decided by the files.
    pub call: &'a dyn Fn(&str, &[Expr]) -> Option<Expr>,
}

/// The expression of a condition. Errors: it cannot be read, with what is in the way.
pub fn parse(text: &str, language: &Language<'_>) -> Result<Expr, String> {
    let mut parser = Parser { text, at: 0, language };
    let expr = parser.either(0)?;
    parser.blanks();
    if parser.at < text.len() { Err(format!("`{}` is not expected", parser.rest().trim())) } else { Ok(expr) }
}

/// What an expression holds one of these names against: each test with its text.
pub fn compared<'e>(expr: &'e Expr, names: &[&str]) -> Vec<(Test, &'e str)> {
    match expr {
        Expr::Compare(test, a, b) => match (&**a, &**b) {
            (Expr::Var(name), Expr::Lit(text)) if names.contains(&name.as_str()) => vec![(*test, text)],
            _ => Vec::new(),
        },
        Expr::And(all) | Expr::Or(all) => all.iter().flat_map(|e| compared(e, names)).collect(),
        Expr::Not(e) => compared(e, names),
        _ => Vec::new(),
    }
}

/// How a condition names what a variable may be.
pub fn named(expr: &Expr, variable: &str) -> Vec<Pattern> {
    let names = |(test, text): &(Test, &str)| !text.is_empty() && *test != Test::Contains;
    compared(expr, &[variable]).into_iter().filter(names).map(|(test, text)| Pattern::of(test, text)).collect()
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    language: &'a Language<'a>,
}

/// An operator between two operands.
#[derive(Clone, Copy)]
enum Operator {
    Test(Test, bool),
    In(bool),
    Is,
}

/// Operators as they are written, a longer one before those it begins with; the words ignore case.
const OPERATORS: &[(&str, Operator)] = &[
    ("not in", Operator::In(false)),
    ("startswith", Operator::Test(Test::StartsWith, true)),
    ("endswith", Operator::Test(Test::EndsWith, true)),
    ("includes", Operator::Test(Test::Contains, true)),
    ("contains", Operator::Test(Test::Contains, true)),
    ("matches", Operator::Test(Test::Regex, true)),
    ("in", Operator::In(true)),
    ("is", Operator::Is),
    ("!=~", Operator::Test(Test::Regex, false)),
    ("=~", Operator::Test(Test::Regex, true)),
    ("!~", Operator::Test(Test::Regex, false)),
    ("!=", Operator::Test(Test::Equals, false)),
    ("==", Operator::Test(Test::Equals, true)),
    ("=", Operator::Test(Test::Equals, true)),
];

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Take a sign or word where it comes next; a word must end there.
    fn take(&mut self, sign: &str) -> bool {
        self.blanks();
        let Some(next) = self.rest().get(..sign.len()) else { return false };
        let word = sign.ends_with(|c: char| c.is_ascii_alphabetic());
        if !next.eq_ignore_ascii_case(sign) || (word && self.rest()[sign.len()..].starts_with(in_word)) {
            return false;
        }
        self.at += sign.len();
        true
    }

    fn either(&mut self, depth: usize) -> Result<Expr, String> {
        let mut all = vec![self.both(depth)?];
        while self.take("||") || self.take("or") {
            all.push(self.both(depth)?);
        }
        Ok(either(all))
    }

    fn both(&mut self, depth: usize) -> Result<Expr, String> {
        let mut all = vec![self.one(depth)?];
        while self.take("&&") || self.take("and") {
            all.push(self.one(depth)?);
        }
        Ok(both(all))
    }

    fn one(&mut self, depth: usize) -> Result<Expr, String> {
        if depth > MAX_DEPTH {
            return Err("it is nested too deep".to_owned());
        }
        if self.take("not") || self.take("!") {
            return Ok(not(self.one(depth + 1)?));
        }
        let left = self.operand(true, depth)?;
        let Some((_, operator)) = OPERATORS.iter().find(|(sign, _)| self.take(sign)) else { return Ok(left) };
        let compare = |test, right| Expr::Compare(test, Box::new(left.clone()), Box::new(right));
        match operator {
            Operator::Test(test, yes) => {
                let right = if *test == Test::Regex { self.pattern(depth)? } else { self.operand(false, depth)? };
                let compared = compare(*test, right);
                Ok(if *yes { compared } else { not(compared) })
            }
            Operator::In(yes) => {
                let among = Expr::Or(self.list(depth)?.into_iter().map(|e| compare(Test::Equals, e)).collect());
                Ok(if *yes { among } else { not(among) })
            }
            Operator::Is => {
                let yes = !self.take("not");
                let empty = compare(Test::Equals, Expr::lit(""));
                match (self.take("present"), self.take("blank")) {
                    (true, _) => Ok(if yes { not(empty) } else { empty }),
                    (_, true) => Ok(if yes { empty } else { not(empty) }),
                    _ => Err("`present` or `blank` is expected".to_owned()),
                }
            }
        }
    }

    /// A list in brackets of either kind.
    fn list(&mut self, depth: usize) -> Result<Vec<Expr>, String> {
        let close = if self.take("(") {
            ")"
        } else if self.take("[") {
            "]"
        } else {
            return Ok(vec![self.operand(false, depth)?]);
        };
        let mut out = Vec::new();
        while !self.take(close) {
            out.push(self.operand(false, depth + 1)?);
            self.take(",");
        }
        Ok(out)
    }

    /// The right side of a match: `/…/`, a text, or bare up to the next blank outside of brackets.
    fn pattern(&mut self, depth: usize) -> Result<Expr, String> {
        self.blanks();
        let rest = self.rest();
        if rest.starts_with(['"', '\'']) || rest.get(..7).is_some_and(|w| w.eq_ignore_ascii_case("concat(")) {
            return self.operand(false, depth);
        }
        if let Some(inner) = rest.strip_prefix('/')
            && let Some(end) = unescaped(inner, '/')
        {
            let (regex, after) = (inner[..end].replace("\\/", "/"), &inner[end + 1..]);
            let flags = after.len() - after.trim_start_matches(|c: char| c.is_ascii_lowercase()).len();
            let ignores_case = after[..flags].contains('i');
            self.at += end + 2 + flags;
            return Ok(Expr::lit(if ignores_case { format!("(?i){regex}") } else { regex }));
        }
        let mut open = 0_usize;
        let mut end = rest.len();
        for (i, c) in rest.char_indices() {
            match c {
                '(' => open += 1,
                ')' if open == 0 => end = i,
                ')' => open -= 1,
                c if c.is_whitespace() => end = i,
                _ => {}
            }
            if end < rest.len() {
                break;
            }
        }
        let regex = rest[..end].to_owned();
        self.at += end;
        if regex.is_empty() { Err("a pattern is expected".to_owned()) } else { Ok(Expr::lit(regex)) }
    }

    fn operand(&mut self, left: bool, depth: usize) -> Result<Expr, String> {
        if depth > MAX_DEPTH {
            return Err("it is nested too deep".to_owned());
        }
        if self.take("(") {
            let inner = self.either(depth + 1)?;
            return if self.take(")") { Ok(inner) } else { Err("`)` is missing".to_owned()) };
        }
        self.blanks();
        let rest = self.rest();
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let end = unescaped(&rest[1..], quote).ok_or("a text does not end")?;
            let text = rest[1..=end].replace(&format!("\\{quote}"), &quote.to_string());
            self.at += end + 2;
            return Ok(Expr::lit(text));
        }
        let len = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
        if len == 0 {
            return Err(if rest.is_empty() { "it ends too early".to_owned() } else { format!("`{rest}` is not expected") });
        }
        let word = rest[..len].to_owned();
        self.at += len;
        if self.rest().starts_with('(') {
            self.at += 1;
            let mut arguments = Vec::new();
            while !self.take(")") {
                arguments.push(self.operand(false, depth + 1)?);
                self.take(",");
            }
            return Ok((self.language.call)(&word, &arguments).unwrap_or(Expr::Unknown(word)));
        }
        Ok(match word.to_ascii_lowercase().as_str() {
            "true" | "false" => Expr::lit(word.to_ascii_lowercase()),
            "null" | "nil" => Expr::lit(""),
            _ => match (self.language.name)(&word) {
                Some(value) => value,
                None if left => Expr::Unknown(word),
                None => Expr::lit(word),
            },
        })
    }
}

/// Characters of names and bare words.
fn in_word(c: char) -> bool {
    c.is_alphanumeric() || "_.-/*:@$+#~^".contains(c)
}

/// Where an end sign stands that no backslash takes back.
fn unescaped(text: &str, end: char) -> Option<usize> {
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        if c == end && !escaped {
            return Some(i);
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::model::{Scope, Truth, Value};

    fn truth(text: &str, known: &[(&str, &str)]) -> Truth {
        let language = Language {
            name: &|n| ["branch", "tag", "type"].contains(&n).then(|| Expr::Var(n.to_owned())),
            call: &|name, arguments| match (name, arguments) {
                ("env", [Expr::Lit(name)]) => Some(Expr::Var(format!("env.{name}"))),
                _ => None,
            },
        };
        let mut scope = Scope::default();
        for (name, value) in known {
            scope.set(*name, Value::text(*value));
        }
        parse(text, &language).unwrap().truth(&scope)
    }

    #[test]
    fn comparisons_lists_and_patterns() {
        let on = |branch| vec![("branch", branch), ("tag", ""), ("type", "push")];
        assert_eq!(truth("branch = main AND type IN (push, api) AND tag IS blank", &on("main")), Truth::True);
        assert_eq!(truth("NOT branch = main or tag is present", &on("main")), Truth::False);
        assert_eq!(truth(r"branch =~ /^release\/\d+$/i && tag IS NOT present", &on("Release/1")), Truth::True);
        assert_eq!(truth("(branch =~ ^(main|dev)$) and type != cron", &on("dev")), Truth::True);
        assert_eq!(truth("type not in [\"push\"] || !(branch == 'dev')", &on("dev")), Truth::False);
        assert_eq!(truth("env(DEPLOY) = yes", &[("env.DEPLOY", "yes")]), Truth::True);
        assert_eq!(truth("fork", &on("dev")), Truth::Unknown);
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_no_panic() {
        let language = Language { name: &|_| None, call: &|_, _| None };
        for text in ["", "(", "a =", "a = 'x", "a in (b", "=", "not", "a is", "é =~", &"(".repeat(500), &"!".repeat(500)] {
            assert!(parse(text, &language).is_err(), "{text}");
        }
    }

    #[test]
    fn names_and_patterns_of_a_variable() {
        let language = Language { name: &|n| (n == "b").then(|| Expr::Var("b".to_owned())), call: &|_, _| None };
        let expr = parse("b = main or not b =~ ^v and c = 1", &language).unwrap();
        assert_eq!(named(&expr, "b"), [Pattern::Name("main".into()), Pattern::Regex("^v".into())]);
    }
}
