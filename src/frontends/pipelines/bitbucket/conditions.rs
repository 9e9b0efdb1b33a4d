//! Patterns of branches and tags, and conditions of triggers and steps:
//! <https://support.atlassian.com/bitbucket-cloud/docs/use-glob-patterns-on-the-pipelines-yaml-file/>,
//! <https://support.atlassian.com/bitbucket-cloud/docs/pipeline-triggers/>.

use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::runs::{BRANCH, Pattern, TAG, TARGET, not};
use crate::model::{Expr, Test};

/// At most this many alternatives of one pattern.
const MAX_ALTERNATIVES: usize = 64;

/// Deepest nesting of a condition.
const MAX_DEPTH: usize = 40;

/// The patterns that `{a,b}*` stands for.
pub(super) fn alternatives(glob: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut rest = glob;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((choice, tail)) = after.split_once('}') else { break };
        let choices: Vec<&str> = choice.split(',').map(str::trim).collect();
        if out.len() * choices.len() > MAX_ALTERNATIVES {
            return vec![glob.to_owned()];
        }
        out = out.iter().flat_map(|o| choices.iter().map(move |c| format!("{o}{before}{c}"))).collect();
        rest = tail;
    }
    for one in &mut out {
        one.push_str(rest);
    }
    out
}

/// The same as patterns.
pub(super) fn patterns(glob: &str) -> Vec<Pattern> {
    alternatives(glob).iter().map(|one| Pattern::glob(one)).collect()
}

/// Whether a pattern names one branch or tag alone.
pub(super) fn is_name(glob: &str) -> bool {
    !glob.contains(['*', '?', '{', '['])
}

/// Whether a pattern fits a fact.
pub(super) fn fits(glob: &str, fact: &str) -> Expr {
    let mut each: Vec<Expr> = Vec::new();
    for one in alternatives(glob) {
        if one.chars().all(|c| c == '*') {
            return Expr::always();
        }
        each.push(Pattern::glob(&one).fits(Expr::Var(fact.to_owned())));
    }
    if each.len() == 1 { each.remove(0) } else { Expr::Or(each) }
}

/// `BITBUCKET_BRANCH == "main" && glob(BITBUCKET_TAG, "v*")`; nothing always holds.
pub(super) fn condition(data: Option<&Data>) -> Expr {
    let Some(text) = data.and_then(Data::str) else { return Expr::always() };
    tokens(text)
        .and_then(|tokens| {
            let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
            let out = parser.or()?;
            (parser.at == tokens.len()).then_some(out)
        })
        .unwrap_or_else(|| Expr::Unknown(text.to_owned()))
}

#[derive(Debug, PartialEq)]
enum Token<'t> {
    Text(&'t str),
    Word(&'t str),
    Sign(&'static str),
}

fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    const SIGNS: &[&str] = &["==", "!=", "&&", "||", "<=", ">=", "<", ">", "!", "(", ")", ","];
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.' | '-');
        if matches!(c, '"' | '\'') {
            let len = rest[1..].find(c)?;
            out.push(Token::Text(&rest[1..=len]));
            rest = &rest[len + 2..];
        } else if is_word(c) {
            let len = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            out.push(Token::Word(&rest[..len]));
            rest = &rest[len..];
        } else {
            let sign = SIGNS.iter().find(|s| rest.starts_with(**s))?;
            out.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        }
        rest = rest.trim_start();
    }
    Some(out)
}

struct Parser<'t> {
    tokens: &'t [Token<'t>],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(s)) if *s == sign);
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Option<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut all = vec![self.and()?];
        while self.take("||") {
            all.push(self.and()?);
        }
        self.depth -= 1;
        Some(if all.len() == 1 { all.remove(0) } else { Expr::Or(all) })
    }

    fn and(&mut self) -> Option<Expr> {
        let mut all = vec![self.one()?];
        while self.take("&&") {
            all.push(self.one()?);
        }
        Some(if all.len() == 1 { all.remove(0) } else { Expr::And(all) })
    }

    fn one(&mut self) -> Option<Expr> {
        let mut negate = false;
        while self.take("!") {
            negate = !negate;
        }
        let inner = self.compared()?;
        Some(if negate { not(inner) } else { inner })
    }

    fn compared(&mut self) -> Option<Expr> {
        let left = self.operand()?;
        for (sign, negate) in [("==", false), ("!=", true)] {
            if self.take(sign) {
                let right = self.operand()?;
                let (left, right) = if left.literal().is_some() { (right, left) } else { (left, right) };
                let equal = Expr::Compare(Test::Equals, Box::new(left), Box::new(right));
                return Some(if negate { not(equal) } else { equal });
            }
        }
        if ["<=", ">=", "<", ">"].iter().any(|sign| self.take(sign)) {
            self.operand()?;
            return Some(Expr::Unknown("a comparison of numbers".to_owned()));
        }
        Some(left)
    }

    fn operand(&mut self) -> Option<Expr> {
        if self.take("(") {
            let inner = self.or()?;
            return self.take(")").then_some(inner);
        }
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        match token {
            Token::Text(text) => Some(Expr::lit(*text)),
            Token::Word("glob") if self.take("(") => {
                let subject = self.operand()?;
                let pattern = if self.take(",") { self.operand()? } else { return None };
                let found = match (&subject, pattern.literal()) {
                    (Expr::Var(fact), Some(pattern)) => fits(pattern, fact),
                    _ => Expr::Unknown("glob".to_owned()),
                };
                self.take(")").then_some(found)
            }
            Token::Word(word) => Some(match word.trim_start_matches('$') {
                "BITBUCKET_BRANCH" => Expr::Var(BRANCH.to_owned()),
                "BITBUCKET_TAG" => Expr::Var(TAG.to_owned()),
                "BITBUCKET_PR_DESTINATION_BRANCH" => Expr::Var(TARGET.to_owned()),
                "true" | "false" => Expr::lit(*word),
                name if name.starts_with(|c: char| c.is_ascii_digit()) => Expr::lit(*word),
                name => Expr::Var(format!("env.{name}")),
            }),
            Token::Sign(_) => None,
        }
    }
}
