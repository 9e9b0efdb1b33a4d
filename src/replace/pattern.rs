//! Patterns: shell with holes (`grammars/replacements.md`).

use super::needs::{Needs, closing};
use super::tree::{Kind, Node, Part, Reader, Word};
use crate::syntax::shell::parse;
use regex_lite::Regex;

/// A pattern, ready to be compared.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// What it says, one node a line.
    pub nodes: Vec<PatternNode>,
    /// What a script must hold.
    pub needs: Needs,
}

/// A node of a pattern.
#[derive(Clone, Debug)]
pub enum PatternNode {
    /// `...`: any commands.
    Any,
    /// `<BODY...>`: at least one command, by name.
    Body(String),
    /// One node.
    One(Box<Shape>, Vec<(String, Vec<Atom>)>),
}

/// The shape of one node.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A command.
    Command(Vec<Element>),
    /// An assignment.
    Assign(Vec<Atom>, Vec<Atom>),
    /// A pipe.
    Pipe(Vec<PatternNode>),
    /// The right one where the left ones fail.
    Or(Vec<PatternNode>, Vec<PatternNode>),
    /// A negation.
    Not(Box<PatternNode>),
    /// `( … )`
    Subshell(Vec<PatternNode>),
    /// Arms, and what is done otherwise.
    If(Vec<(Vec<PatternNode>, Vec<PatternNode>)>, Option<Vec<PatternNode>>),
    /// A loop over words.
    For(Vec<Atom>, Vec<Element>, Vec<PatternNode>),
    /// A loop: `until`, or none where both will do.
    Loop(Option<bool>, Vec<PatternNode>, Vec<PatternNode>),
    /// A test, as its words.
    Test(Vec<Element>),
}

/// An element of a command's words.
#[derive(Clone, Debug)]
pub enum Element {
    /// One word.
    Word(Vec<Atom>),
    /// An option by its names, with its value where it has one; it may be optional.
    Option { names: Vec<String>, value: Option<Vec<Atom>>, optional: bool },
    /// Words that may be there, in order.
    Optional(Vec<Vec<Atom>>),
    /// `<ARGS...>`: any words.
    Words(String),
    /// `<OPTS...>`: any options.
    Options(String),
}

/// A part of a pattern's word.
#[derive(Clone, Debug)]
pub enum Atom {
    /// Literal text.
    Text(String),
    /// One of several texts, by how they are written.
    Choice(Vec<String>),
    /// A hole.
    Hole(String, Class),
    /// The use of the variable that a hole names; or of one by name.
    Variable(Box<Atom>),
    /// The output of commands.
    Substitution(Vec<PatternNode>),
}

/// What a hole takes.
#[derive(Clone, Debug)]
pub enum Class {
    /// Anything.
    Any,
    /// No variable, no substitution.
    Literal,
    /// A whole number.
    Number,
    /// An address of the web.
    Url,
    /// What a regular expression meets as a whole.
    Regex(Regex),
}

/// A token that stands for something in the text that the shell's grammar reads.
#[derive(Clone, Debug)]
enum Token {
    Hole(String, Class),
    Rest(String),
    Choice(Vec<String>),
    Optional(String),
}

/// Whether an option of a program has a value.
pub type TakesValue<'a> = &'a dyn Fn(&str, &str) -> bool;

/// Reads patterns.
struct Builder<'a> {
    tokens: Vec<Token>,
    either: bool,
    takes_value: TakesValue<'a>,
}

/// What stands for the token with this number.
fn name(index: usize) -> String {
    format!("QZ{index}ZQ")
}

impl Pattern {
    /// Read a pattern. Errors: what is wrong, in words.
    pub fn read(text: &str, takes_value: TakesValue<'_>) -> Result<Self, String> {
        let mut builder = Builder { tokens: Vec::new(), either: false, takes_value };
        let nodes = builder.nodes(text)?;
        if nodes.is_empty() {
            return Err("the pattern is empty".to_owned());
        }
        Ok(Self { nodes, needs: Needs::of(text) })
    }
}

impl Builder<'_> {
    fn nodes(&mut self, text: &str) -> Result<Vec<PatternNode>, String> {
        let prepared = self.prepare(text)?;
        let tree = parse(&prepared, &[]);
        if !tree.faults.is_empty() {
            return Err(format!("`{text}` is no shell"));
        }
        let reader = Reader { text: &prepared, masked: &|_| String::new() };
        reader.sequence(&tree.statements).iter().map(|n| self.node(n)).collect()
    }

    /// The text with tokens for what is no shell.
    fn prepare(&mut self, text: &str) -> Result<String, String> {
        let text = if text.contains("while|until ") {
            self.either = true;
            text.replace("while|until ", "while ")
        } else {
            text.to_owned()
        };
        let chars: Vec<char> = text.chars().collect();
        let mut out = String::new();
        let mut quote = None;
        // Quotes around substitutions, which begin without any.
        let mut outer: Vec<Option<char>> = Vec::new();
        let mut at = 0;
        while at < chars.len() {
            let c = chars[at];
            let before = at.checked_sub(1).map(|i| chars[i]);
            if c == '<' && chars.get(at + 1).is_some_and(char::is_ascii_uppercase) {
                let end = closing(&chars, at, '>').ok_or("a hole `<…` does not end")?;
                let inner: String = chars[at + 1..end].iter().collect();
                let token = hole(&inner)?;
                out.push_str(&name(self.tokens.len()));
                self.tokens.push(token);
                at = end + 1;
                continue;
            }
            match quote {
                Some('"') | None if c == '$' && chars.get(at + 1) == Some(&'(') => {
                    outer.push(quote.take());
                    out.push_str("$(");
                    at += 2;
                    continue;
                }
                None if c == ')' => quote = outer.pop().flatten(),
                Some(q) if c == q => quote = None,
                None if c == '\'' || c == '"' => quote = Some(c),
                _ => {}
            }
            let opens = c == '[' && quote.is_none() && before.is_none_or(char::is_whitespace);
            if opens && chars.get(at + 1).is_some_and(|n| !n.is_whitespace() && *n != '[') {
                let end = closing(&chars, at, ']').ok_or("an optional part `[…` does not end")?;
                out.push_str(&name(self.tokens.len()));
                self.tokens.push(Token::Optional(chars[at + 1..end].iter().collect()));
                at = end + 1;
                continue;
            }
            if quote.is_none() && before.is_none_or(|b| b.is_whitespace() || matches!(b, '(' | '$')) {
                let word: String = chars[at..].iter().take_while(|c| !c.is_whitespace() && !"<>()'\";".contains(**c)).collect();
                let bars = word.match_indices('|').count();
                let choice = bars > 0 && !word.contains("||") && !word.starts_with('|') && !word.ends_with('|');
                if choice {
                    out.push_str(&name(self.tokens.len()));
                    self.tokens.push(Token::Choice(word.split('|').map(ToOwned::to_owned).collect()));
                    at += word.chars().count();
                    continue;
                }
            }
            out.push(c);
            at += 1;
        }
        Ok(out)
    }

    fn sequence(&mut self, nodes: &[Node]) -> Result<Vec<PatternNode>, String> {
        nodes.iter().map(|n| self.node(n)).collect()
    }

    fn node(&mut self, node: &Node) -> Result<PatternNode, String> {
        if let Kind::Command(words) = &node.kind
            && let [word] = words.as_slice()
        {
            if word.text == "..." {
                return Ok(PatternNode::Any);
            }
            if let Some(Token::Rest(rest)) = self.whole(word) {
                return Ok(PatternNode::Body(rest.clone()));
            }
        }
        let shape = match &node.kind {
            Kind::Command(words) => Shape::Command(self.elements(words)?),
            Kind::Assign(variable, word) => Shape::Assign(self.text(variable)?, self.atoms(word)?),
            Kind::Pipe(all) => Shape::Pipe(self.sequence(all)?),
            Kind::Or(left, right) => Shape::Or(self.sequence(left)?, self.sequence(right)?),
            Kind::Not(inner) => Shape::Not(Box::new(self.node(inner)?)),
            Kind::Subshell(body) => Shape::Subshell(self.sequence(body)?),
            Kind::If(arms, otherwise) => {
                let mut read = Vec::new();
                for (condition, branch) in arms {
                    read.push((self.sequence(condition)?, self.sequence(branch)?));
                }
                let otherwise = otherwise.as_ref().map(|b| self.sequence(b)).transpose()?;
                Shape::If(read, otherwise)
            }
            Kind::For(variable, values, body) => {
                let values = values.as_deref().ok_or("a loop of a pattern needs `in WORDS`")?;
                Shape::For(self.text(variable)?, self.elements(values)?, self.sequence(body)?)
            }
            Kind::Loop(until, condition, body) => {
                Shape::Loop((!self.either).then_some(*until), self.sequence(condition)?, self.sequence(body)?)
            }
            Kind::Test(words) => Shape::Test(self.elements(words)?),
            Kind::Case(..) | Kind::Function(_) | Kind::Other => return Err("a pattern cannot say this".to_owned()),
        };
        let mut redirects = Vec::new();
        for one in &node.redirects {
            redirects.push((one.operator.clone(), self.atoms(&one.word)?));
        }
        Ok(PatternNode::One(Box::new(shape), redirects))
    }

    /// The token that a word is, where it is nothing else.
    fn whole(&self, word: &Word) -> Option<&Token> {
        let index = word.text.strip_prefix("QZ")?.strip_suffix("ZQ")?;
        self.tokens.get(index.parse::<usize>().ok()?)
    }

    fn elements(&mut self, words: &[Word]) -> Result<Vec<Element>, String> {
        let mut out: Vec<Element> = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let word = &words[at];
            at += 1;
            let element = match self.whole(word).cloned() {
                Some(Token::Rest(rest)) if rest.starts_with("OPT") => Element::Options(rest),
                Some(Token::Rest(rest)) => Element::Words(rest),
                Some(Token::Optional(text)) if out.is_empty() => {
                    return Err(format!("a command cannot begin with an optional part: `[{text}]`"));
                }
                Some(Token::Optional(text)) => {
                    let program = words[0].text.clone();
                    self.optional(&program, &text)?
                }
                Some(Token::Choice(names)) if names.iter().all(|n| n.starts_with('-')) && !out.is_empty() => {
                    self.option(names, words, &mut at)?
                }
                _ if word.is_literal() && is_option(&word.text) && !out.is_empty() => {
                    self.option(vec![word.text.clone()], words, &mut at)?
                }
                _ => Element::Word(self.atoms(word)?),
            };
            out.push(element);
        }
        Ok(out)
    }

    fn option(&mut self, names: Vec<String>, words: &[Word], at: &mut usize) -> Result<Element, String> {
        if let [only] = names.as_slice()
            && let Some((option, value)) = only.split_once('=')
        {
            let value = self.text(value)?;
            return Ok(Element::Option { names: vec![option.to_owned()], value: Some(value), optional: false });
        }
        let programs = match words.first().and_then(|w| self.whole(w)) {
            Some(Token::Choice(all)) => all.clone(),
            _ => words.first().map(|w| w.text.clone()).into_iter().collect(),
        };
        let has_value = programs.iter().any(|p| names.iter().any(|n| (self.takes_value)(p, n)));
        let rest = |word: &Word| matches!(self.whole(word), Some(Token::Rest(_)));
        let Some(next) = words.get(*at).filter(|next| has_value && !rest(next)) else {
            return Ok(Element::Option { names, value: None, optional: false });
        };
        *at += 1;
        let value = Some(self.atoms(next)?);
        Ok(Element::Option { names, value, optional: false })
    }

    fn optional(&mut self, program: &str, text: &str) -> Result<Element, String> {
        let whole = format!("{program} {}", self.prepare(text)?);
        let tree = parse(&whole, &[]);
        let reader = Reader { text: &whole, masked: &|_| String::new() };
        let nodes = reader.sequence(&tree.statements);
        let [Node { kind: Kind::Command(words), .. }] = nodes.as_slice() else {
            return Err(format!("`[{text}]` is no list of words"));
        };
        let elements = self.elements(words)?;
        match elements.get(1..) {
            Some([Element::Option { names, value, .. }]) => {
                Ok(Element::Option { names: names.clone(), value: value.clone(), optional: true })
            }
            Some(rest) => {
                let mut words = Vec::new();
                for element in rest {
                    let Element::Word(atoms) = element else { return Err(format!("`[{text}]` mixes words and options")) };
                    words.push(atoms.clone());
                }
                Ok(Element::Optional(words))
            }
            None => Err(format!("`[{text}]` is empty")),
        }
    }

    fn atoms(&mut self, word: &Word) -> Result<Vec<Atom>, String> {
        let mut out = Vec::new();
        for part in &word.parts {
            match part {
                Part::Text(text) | Part::Other(text) => out.extend(self.text(text)?),
                Part::Variable(variable) => {
                    let mut inner = self.text(variable)?;
                    let atom = if inner.len() == 1 { inner.remove(0) } else { Atom::Text(variable.clone()) };
                    out.push(Atom::Variable(Box::new(atom)));
                }
                Part::Substitution(body) => out.push(Atom::Substitution(self.sequence(body)?)),
            }
        }
        Ok(out)
    }

    /// Literal text with the tokens in it.
    fn text(&mut self, text: &str) -> Result<Vec<Atom>, String> {
        let mut out = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find("QZ") {
            let Some(end) = rest[at..].find("ZQ").map(|i| at + i) else { break };
            if at > 0 {
                out.push(Atom::Text(rest[..at].to_owned()));
            }
            let token = rest[at + 2..end].parse::<usize>().ok().and_then(|i| self.tokens.get(i).cloned());
            match token {
                Some(Token::Hole(name, class)) => out.push(Atom::Hole(name, class)),
                Some(Token::Choice(names)) => out.push(Atom::Choice(names)),
                Some(Token::Rest(name)) => return Err(format!("`<{name}...>` stands alone")),
                Some(Token::Optional(text)) => return Err(format!("`[{text}]` stands alone")),
                None => return Err(format!("`{text}` cannot be read")),
            }
            rest = &rest[end + 2..];
        }
        if !rest.is_empty() {
            out.push(Atom::Text(rest.to_owned()));
        }
        Ok(out)
    }
}

/// Whether a word is an option.
pub fn is_option(text: &str) -> bool {
    text.len() > 1 && text.starts_with('-') && !text[1..].starts_with(|c: char| c.is_ascii_digit())
}

fn hole(inner: &str) -> Result<Token, String> {
    if let Some(rest) = inner.strip_suffix("...") {
        return Ok(Token::Rest(rest.to_owned()));
    }
    let (name, class) = inner.split_once(':').unwrap_or((inner, ""));
    let class = match class {
        "" => Class::Any,
        "literal" => Class::Literal,
        "number" => Class::Number,
        "url" => Class::Url,
        other => {
            let body =
                other.strip_prefix('/').and_then(|o| o.strip_suffix('/')).ok_or(format!("`{other}` is no kind of hole"))?;
            Class::Regex(Regex::new(&format!("^(?:{body})$")).map_err(|e| e.to_string())?)
        }
    };
    Ok(Token::Hole(name.to_owned(), class))
}
