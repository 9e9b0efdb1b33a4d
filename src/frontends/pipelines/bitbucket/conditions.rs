//! Patterns of branches and tags, and conditions of triggers and steps:
//! <https://support.atlassian.com/bitbucket-cloud/docs/use-glob-patterns-on-the-pipelines-yaml-file/>,
//! <https://support.atlassian.com/bitbucket-cloud/docs/pipeline-triggers/>.

use crate::frontends::pipelines::condition::infix::{Infix, Token, Tokens, tokens};
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::runs::{BRANCH, Pattern, TAG, TARGET, either, not};
use crate::model::{Expr, Test};

/// At most this many alternatives of one pattern.
const MAX_ALTERNATIVES: usize = 64;

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
    either(each)
}

/// `BITBUCKET_BRANCH == "main" && glob(BITBUCKET_TAG, "v*")`; nothing always holds.
pub(super) fn condition(data: Option<&Data>) -> Expr {
    let Some(text) = data.and_then(Data::str) else { return Expr::always() };
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.' | '-');
    tokens(text, &['"', '\''], SIGNS, is_word)
        .and_then(|tokens| Parser(Tokens::new(tokens)).whole())
        .unwrap_or_else(|| Expr::Unknown(text.to_owned()))
}

const SIGNS: &[&str] = &["==", "!=", "&&", "||", "<=", ">=", "<", ">", "!", "(", ")", ","];

struct Parser<'t>(Tokens<'t>);

impl<'t> Infix<'t> for Parser<'t> {
    fn tokens(&mut self) -> &mut Tokens<'t> {
        &mut self.0
    }

    fn compared(&mut self) -> Option<Expr> {
        let left = self.operand()?;
        for (sign, negate) in [("==", false), ("!=", true)] {
            if self.0.take(&[sign]) {
                let right = self.operand()?;
                let (left, right) = if left.literal().is_some() { (right, left) } else { (left, right) };
                let equal = Expr::Compare(Test::Equals, Box::new(left), Box::new(right));
                return Some(if negate { not(equal) } else { equal });
            }
        }
        if self.0.take(&["<=", ">=", "<", ">"]) {
            self.operand()?;
            return Some(Expr::Unknown("a comparison of numbers".to_owned()));
        }
        Some(left)
    }
}

impl Parser<'_> {
    fn operand(&mut self) -> Option<Expr> {
        if self.0.take(&["("]) {
            let inner = self.or()?;
            return self.0.take(&[")"]).then_some(inner);
        }
        match self.0.advance()? {
            Token::Text(text) => Some(Expr::lit(text)),
            Token::Word("glob") if self.0.take(&["("]) => {
                self.0.enter()?;
                let subject = self.operand()?;
                let pattern = if self.0.take(&[","]) { self.operand()? } else { return None };
                let found = match (&subject, pattern.literal()) {
                    (Expr::Var(fact), Some(pattern)) => fits(pattern, fact),
                    _ => Expr::Unknown("glob".to_owned()),
                };
                self.0.leave();
                self.0.take(&[")"]).then_some(found)
            }
            Token::Word(word) => Some(match word.trim_start_matches('$') {
                "BITBUCKET_BRANCH" => Expr::Var(BRANCH.to_owned()),
                "BITBUCKET_TAG" => Expr::Var(TAG.to_owned()),
                "BITBUCKET_PR_DESTINATION_BRANCH" => Expr::Var(TARGET.to_owned()),
                "true" | "false" => Expr::lit(word),
                name if name.starts_with(|c: char| c.is_ascii_digit()) => Expr::lit(word),
                name => Expr::Var(format!("env.{name}")),
            }),
            Token::Sign(_) => None,
        }
    }
}
