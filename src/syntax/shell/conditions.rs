//! The conditions of `[`, `[[` and `test`: one reader for all three, over words and operators.

use super::statements::{Builder, children};
use super::{Condition, MAX_DEPTH, Word};
use std::iter::Peekable;
use std::vec::IntoIter;
use tree_sitter::Node;

/// A word or an operator of a condition.
pub(super) enum Token {
    Word(Word),
    Operator(String),
}

impl Builder<'_> {
    /// The condition of `[ … ]` or `[[ … ]]`.
    pub(super) fn test(&mut self, node: Node, depth: usize) -> Condition {
        let mut tokens = Vec::new();
        let nodes = children(node);
        let inside = nodes.get(1..nodes.len().saturating_sub(1)).unwrap_or_default();
        let mut stack: Vec<Node> = inside.iter().rev().copied().collect();
        while let Some(node) = stack.pop() {
            match node.kind() {
                "binary_expression" | "unary_expression" | "parenthesized_expression" | "postfix_expression" => {
                    let mut nodes = children(node);
                    nodes.reverse();
                    stack.append(&mut nodes);
                }
                "comment" => {}
                "ternary_expression" | "redirected_statement" | "ERROR" => return Condition::Unknown,
                "test_operator" => tokens.push(Token::Operator(self.text(node).trim().to_owned())),
                _ if !node.is_named() => tokens.push(Token::Operator(self.text(node).trim().to_owned())),
                _ => tokens.push(Token::Word(self.word(node, depth + 1))),
            }
        }
        read(tokens)
    }
}

/// The condition that the arguments of `test` are.
pub fn condition_of_words(words: &[Word]) -> Condition {
    let tokens = words.iter().map(|word| match word.literal() {
        Some(text) if word.is_bare() && is_operator(&text) => Token::Operator(text),
        _ => Token::Word(word.clone()),
    });
    read(tokens.collect())
}

fn is_operator(text: &str) -> bool {
    let dashed =
        text.len() >= 2 && text.len() <= 3 && text.starts_with('-') && text[1..].bytes().all(|b| b.is_ascii_alphabetic());
    dashed || matches!(text, "=" | "==" | "!=" | "=~" | "!" | "(" | ")" | "&&" | "||" | "<" | ">")
}

fn read(tokens: Vec<Token>) -> Condition {
    let mut tokens = tokens.into_iter().peekable();
    let condition = any(&mut tokens, 0);
    if tokens.next().is_some() { Condition::Unknown } else { condition.unwrap_or(Condition::Unknown) }
}

type Tokens = Peekable<IntoIter<Token>>;

/// Whether one of these operators is next; it is taken.
fn take(tokens: &mut Tokens, operators: &[&str]) -> bool {
    tokens.next_if(|t| matches!(t, Token::Operator(o) if operators.contains(&o.as_str()))).is_some()
}

fn any(tokens: &mut Tokens, depth: usize) -> Option<Condition> {
    let mut all = vec![every(tokens, depth)?];
    while take(tokens, &["||", "-o"]) {
        all.push(every(tokens, depth)?);
    }
    Some(if all.len() == 1 { all.remove(0) } else { Condition::Any(all) })
}

fn every(tokens: &mut Tokens, depth: usize) -> Option<Condition> {
    let mut all = vec![one(tokens, depth)?];
    while take(tokens, &["&&", "-a"]) {
        all.push(one(tokens, depth)?);
    }
    Some(if all.len() == 1 { all.remove(0) } else { Condition::All(all) })
}

fn one(tokens: &mut Tokens, depth: usize) -> Option<Condition> {
    if depth > MAX_DEPTH {
        return None;
    }
    if take(tokens, &["!"]) {
        return Some(Condition::Not(Box::new(one(tokens, depth + 1)?)));
    }
    if take(tokens, &["("]) {
        let inner = any(tokens, depth + 1)?;
        return take(tokens, &[")"]).then_some(inner);
    }
    match tokens.next()? {
        Token::Operator(operator) => match tokens.next()? {
            Token::Word(word) => Some(Condition::Unary(operator, word)),
            Token::Operator(_) => None,
        },
        Token::Word(left) => {
            let joins = |t: &Token| matches!(t, Token::Operator(o) if !matches!(o.as_str(), "&&" | "||" | "-a" | "-o" | ")"));
            let Some(Token::Operator(operator)) = tokens.next_if(joins) else { return Some(Condition::Word(left)) };
            match tokens.next()? {
                Token::Word(right) => Some(Condition::Binary(left, operator, right)),
                Token::Operator(_) => None,
            }
        }
    }
}
