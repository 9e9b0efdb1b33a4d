//! Comparing a pattern with what a script says.

use super::pattern::{Atom, Element, PatternNode, Shape, TakesValue, is_option};
use super::tree::{Kind, Node, Part, Redirection, Word};
use std::collections::BTreeMap;
use std::ops::Range;

/// What the holes of a pattern took.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    /// Texts by the hole's name, as they are written.
    pub texts: BTreeMap<String, Bound>,
}

/// What one hole took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The text without quotes around it; of several words, joined by blanks.
    pub text: String,
    /// Its bytes in the script; empty where it is a part of a word.
    pub range: Range<usize>,
    /// Nothing of it depends on a run.
    pub literal: bool,
    /// Of several words, the bytes of each.
    pub words: Vec<Range<usize>>,
}

impl Bound {
    /// What one word, or a part of one, holds.
    pub(super) fn one(text: impl Into<String>, range: Range<usize>, literal: bool) -> Self {
        Self { text: text.into(), range, literal, words: Vec::new() }
    }

    /// As it is written; `written` gives what stands in a range of the script.
    pub fn written(&self, written: &dyn Fn(Range<usize>) -> String) -> String {
        if !self.words.is_empty() {
            return self.words.iter().map(|r| written(r.clone())).collect::<Vec<_>>().join(" ");
        }
        if self.range.is_empty() { self.text.clone() } else { written(self.range.clone()) }
    }
}

impl Bindings {
    /// Bind a hole; whether it fits what it took before.
    pub(super) fn bind(&mut self, name: &str, bound: Bound) -> bool {
        if let Some(before) = self.texts.get(name) {
            return before.text == bound.text;
        }
        self.texts.insert(name.to_owned(), bound);
        true
    }

    /// Let go of the text that the ranges belong to: what was quoted keeps its quotes where it needs them.
    pub fn settle(&mut self, text: &str) {
        for bound in self.texts.values_mut() {
            if !bound.words.is_empty() {
                bound.text = bound.written(&|range| text.get(range).unwrap_or("").to_owned());
                bound.words.clear();
            }
            if bound.range.is_empty() {
                continue;
            }
            let plain = bound.literal && !bound.text.contains(char::is_whitespace) && !bound.text.is_empty();
            if !plain && let Some(written) = text.get(bound.range.clone()) {
                written.clone_into(&mut bound.text);
            }
            bound.range = 0..0;
        }
    }

    fn note(&mut self, name: &str) {
        self.texts.entry(name.to_owned()).or_insert(Bound::one(name.to_owned(), 0..0, true));
    }
}

/// A match: the nodes of the sequence it covers, and what the holes took.
#[derive(Clone, Debug)]
pub struct Match {
    /// The nodes, by index.
    pub nodes: Range<usize>,
    /// Its bytes.
    pub range: Range<usize>,
    /// What the holes took.
    pub bindings: Bindings,
}

/// An option of a pattern: its names, its value, and whether it may be left out.
type Wanted<'p> = (&'p [String], &'p Option<Vec<Atom>>, bool);

/// Compares.
pub struct Matcher<'m> {
    /// Whether an option of a program has a value.
    pub takes_value: TakesValue<'m>,
}

impl Matcher<'_> {
    /// Whether a pattern meets the nodes of a sequence from `from` on.
    pub fn at(&self, pattern: &[PatternNode], nodes: &[Node], from: usize) -> Option<Match> {
        // A pattern of one pipe may be a part of a longer one, one command a part of a pipe.
        if let ([PatternNode::One(shape, redirects)], Some(node)) = (pattern, nodes.get(from))
            && let Kind::Pipe(parts) = &node.kind
        {
            let wanted = if let Shape::Pipe(all) = &**shape { all.len() } else { 1 };
            let open = matches!(&**shape, Shape::Pipe(all) if all.iter().any(|p| matches!(p, PatternNode::Body(_))));
            for start in 0..=parts.len().saturating_sub(wanted) {
                let mut bindings = Bindings::default();
                if open {
                    break;
                }
                let window = parts.get(start..start + wanted)?;
                let fits = match &**shape {
                    Shape::Pipe(all) => all.iter().zip(window).all(|(p, n)| self.node(p, n, &mut bindings)),
                    _ => self.node(&pattern[0], &window[0], &mut bindings),
                };
                if fits && redirects.is_empty() {
                    let range = window[0].range.start..window[wanted - 1].range.end;
                    return Some(Match { nodes: from..from + 1, range, bindings });
                }
            }
        }
        let (end, bindings) = self.sequence(pattern, nodes, from, &Bindings::default(), true)?;
        let first = nodes.get(from)?;
        let range = first.range.start..nodes[end - 1].range.end;
        Some(Match { nodes: from..end, range, bindings })
    }

    /// The rest of a pattern on a sequence from `from` on: where it ends.
    fn sequence(
        &self,
        pattern: &[PatternNode],
        nodes: &[Node],
        from: usize,
        bindings: &Bindings,
        first: bool,
    ) -> Option<(usize, Bindings)> {
        let Some((head, rest)) = pattern.split_first() else { return Some((from, bindings.clone())) };
        match head {
            // At the end it takes all that is left.
            PatternNode::Any if rest.is_empty() => Some((nodes.len(), bindings.clone())),
            PatternNode::Any => (from..=nodes.len()).find_map(|at| self.sequence(rest, nodes, at, bindings, false)),
            PatternNode::Body(name) => (from + 1..=nodes.len()).rev().find_map(|at| {
                let mut inner = bindings.clone();
                let range = nodes[from].range.start..nodes[at - 1].range.end;
                let bound = Bound::one(String::new(), range, false);
                inner.texts.insert(name.clone(), bound);
                self.sequence(rest, nodes, at, &inner, false)
            }),
            PatternNode::One(..) => {
                let mut at = from;
                loop {
                    let node = nodes.get(at)?;
                    let mut inner = bindings.clone();
                    if self.node(head, node, &mut inner)
                        && let Some(found) = self.sequence(rest, nodes, at + 1, &inner, false)
                    {
                        return Some(found);
                    }
                    if first || !node.is_glue() {
                        return None;
                    }
                    at += 1;
                }
            }
        }
    }

    /// Whether a pattern meets a whole sequence, glue before and after it left aside.
    pub fn whole(&self, pattern: &[PatternNode], nodes: &[Node], bindings: &mut Bindings) -> bool {
        self.body(pattern, nodes, bindings)
    }

    pub(super) fn body(&self, pattern: &[PatternNode], nodes: &[Node], bindings: &mut Bindings) -> bool {
        let mut start = 0;
        loop {
            if let Some((end, found)) = self.sequence(pattern, nodes, start, bindings, true)
                && nodes[end..].iter().all(Node::is_glue)
            {
                *bindings = found;
                return true;
            }
            if !nodes.get(start).is_some_and(Node::is_glue) {
                return false;
            }
            start += 1;
        }
    }

    fn node(&self, pattern: &PatternNode, node: &Node, bindings: &mut Bindings) -> bool {
        let PatternNode::One(shape, redirects) = pattern else { return true };
        self.redirects(redirects, &node.redirects, bindings) && self.shape(shape, node, bindings)
    }

    fn redirects(&self, wanted: &[(String, Vec<Atom>)], found: &[Redirection], bindings: &mut Bindings) -> bool {
        wanted.len() == found.len()
            && wanted
                .iter()
                .zip(found)
                .all(|((operator, atoms), r)| *operator == r.operator && self.word(atoms, &r.word, bindings))
    }

    fn shape(&self, shape: &Shape, node: &Node, bindings: &mut Bindings) -> bool {
        match (shape, &node.kind) {
            (Shape::Command(elements), Kind::Command(words)) => {
                let mut inner = bindings.clone();
                let fits = self.command(elements, words, &mut inner);
                if fits {
                    *bindings = inner;
                }
                fits
            }
            (Shape::Assign(name, value), Kind::Assign(variable, word)) => {
                let adds = matches!(name.last(), Some(Atom::Text(end)) if end.ends_with('+'));
                variable.ends_with('+') == adds && self.text(name, variable, true, bindings) && self.word(value, word, bindings)
            }
            (Shape::Pipe(all), Kind::Pipe(parts)) => self.pipe(all, parts, bindings),
            (Shape::Or(left, right), Kind::Or(a, b)) => self.body(left, a, bindings) && self.body(right, b, bindings),
            (Shape::Not(inner), Kind::Not(node)) => self.node(inner, node, bindings),
            (Shape::Subshell(body), Kind::Subshell(nodes)) => self.body(body, nodes, bindings),
            (Shape::If(arms, otherwise), Kind::If(found, other)) => {
                arms.len() == found.len()
                    && arms
                        .iter()
                        .zip(found)
                        .all(|((c, b), (condition, branch))| self.body(c, condition, bindings) && self.body(b, branch, bindings))
                    && match (otherwise, other) {
                        (None, None) => true,
                        (Some(pattern), Some(nodes)) => self.body(pattern, nodes, bindings),
                        _ => false,
                    }
            }
            (Shape::For(name, values, body), Kind::For(variable, Some(words), nodes)) => {
                self.text(name, variable, true, bindings)
                    && self.list(values, words, bindings)
                    && self.body(body, nodes, bindings)
            }
            (Shape::Loop(until, condition, body), Kind::Loop(is_until, asked, nodes)) => {
                until.is_none_or(|u| u == *is_until) && self.body(condition, asked, bindings) && self.body(body, nodes, bindings)
            }
            (Shape::Test(elements), Kind::Test(words)) => self.list(elements, words, bindings),
            _ => false,
        }
    }

    /// The commands of a pipe; `<REST...>` takes one or more of them.
    fn pipe(&self, pattern: &[PatternNode], parts: &[Node], bindings: &mut Bindings) -> bool {
        let (Some((head, more)), Some((first, rest))) = (pattern.split_first(), parts.split_first()) else {
            return pattern.is_empty() && parts.is_empty();
        };
        let PatternNode::Body(name) = head else {
            return self.node(head, first, bindings) && self.pipe(more, rest, bindings);
        };
        (1..=parts.len()).rev().any(|taken| {
            let mut inner = bindings.clone();
            let range = first.range.start..parts[taken - 1].range.end;
            inner.texts.insert(name.clone(), Bound::one("", range, false));
            let fits = self.pipe(more, &parts[taken..], &mut inner);
            if fits {
                *bindings = inner;
            }
            fits
        })
    }

    /// Words in the order they are written.
    fn list(&self, elements: &[Element], words: &[Word], bindings: &mut Bindings) -> bool {
        match elements {
            [Element::Words(name)] => {
                bindings.texts.insert(name.clone(), joined(words));
                true
            }
            _ => {
                elements.len() == words.len()
                    && elements.iter().zip(words).all(|(e, w)| match e {
                        Element::Word(atoms) => self.word(atoms, w, bindings),
                        Element::Option { names, .. } => names.contains(&w.text),
                        _ => false,
                    })
            }
        }
    }

    /// A command: its program first, then options in any order among the other words.
    fn command(&self, elements: &[Element], words: &[Word], bindings: &mut Bindings) -> bool {
        let (Some((Element::Word(program), elements)), Some((first, words))) = (elements.split_first(), words.split_first())
        else {
            return false;
        };
        if !self.word(program, first, bindings) {
            return false;
        }
        let options: Vec<Wanted<'_>> = elements
            .iter()
            .filter_map(|e| match e {
                Element::Option { names, value, optional } => Some((names.as_slice(), value, *optional)),
                _ => None,
            })
            .collect();
        let any_option = elements.iter().find_map(|e| if let Element::Options(name) = e { Some(name) } else { None });
        let positional: Vec<&Element> =
            elements.iter().filter(|e| !matches!(e, Element::Option { .. } | Element::Options(_))).collect();
        let mut met = vec![false; options.len()];
        let mut rest: Vec<Word> = Vec::new();
        let mut others: Vec<Word> = Vec::new();
        let takes_words = positional.iter().any(|e| matches!(e, Element::Words(_)));
        let words = &self.unbundled(words, &options);
        let mut at = 0;
        while at < words.len() {
            let word = &words[at];
            at += 1;
            if !is_option(&word.text) || word.text == "--" {
                rest.push(word.clone());
                continue;
            }
            let (name, inline) = word.text.split_once('=').map_or((word.text.as_str(), None), |(n, v)| (n, Some(v)));
            let known = options.iter().position(|(names, ..)| names.iter().any(|n| n == name || *n == word.text));
            let Some(index) = known else {
                let value = inline.is_none() && (self.takes_value)(&first.text, name);
                let taken = if value { at + 1 } else { at };
                let own = words.get(at - 1..taken.min(words.len())).unwrap_or_default();
                if any_option.is_some() {
                    others.extend(own.iter().cloned());
                } else if takes_words {
                    rest.extend(own.iter().cloned());
                } else {
                    return false;
                }
                at = taken.max(at).min(words.len());
                continue;
            };
            met[index] = true;
            options[index].0.iter().for_each(|n| bindings.note(n));
            match (options[index].1, inline) {
                (None, None) => {}
                (Some(atoms), Some(_)) => {
                    if !self.word(atoms, &after_equals(word), bindings) {
                        return false;
                    }
                }
                (Some(atoms), None) => {
                    let Some(value) = words.get(at) else { return false };
                    at += 1;
                    if !self.word(atoms, value, bindings) {
                        return false;
                    }
                }
                (None, Some(_)) => return false,
            }
        }
        if let Some(name) = any_option {
            bindings.texts.insert(name.clone(), joined(&others));
        }
        options.iter().zip(&met).all(|((.., optional), met)| *optional || *met) && self.positional(&positional, &rest, bindings)
    }

    /// Words with `-fsS` as `-f -s -S`, where the pattern names one of these options and not all of them as one.
    fn unbundled(&self, words: &[Word], options: &[Wanted<'_>]) -> Vec<Word> {
        let named = |name: &str| options.iter().any(|(names, ..)| names.iter().any(|n| n == name));
        let mut out = Vec::new();
        for word in words {
            let letters = word.text.strip_prefix('-').filter(|l| l.len() > 1 && l.bytes().all(|b| b.is_ascii_alphabetic()));
            match letters.filter(|l| !named(&word.text) && l.chars().any(|c| named(&format!("-{c}")))) {
                Some(letters) => out.extend(letters.chars().map(|c| {
                    let text = format!("-{c}");
                    Word { range: word.range.clone(), parts: vec![Part::Text(text.clone())], text, quoted: false }
                })),
                None => out.push(word.clone()),
            }
        }
        out
    }

    fn positional(&self, elements: &[&Element], words: &[Word], bindings: &mut Bindings) -> bool {
        let Some((head, tail)) = elements.split_first() else { return words.is_empty() };
        match head {
            Element::Word(atoms) => {
                let Some((word, rest)) = words.split_first() else { return false };
                self.word(atoms, word, bindings) && self.positional(tail, rest, bindings)
            }
            Element::Words(name) => (0..=words.len()).rev().any(|taken| {
                let mut inner = bindings.clone();
                inner.texts.insert(name.clone(), joined(&words[..taken]));
                let fits = self.positional(tail, &words[taken..], &mut inner);
                if fits {
                    *bindings = inner;
                }
                fits
            }),
            Element::Optional(all) => {
                let mut inner = bindings.clone();
                let there = words.len() >= all.len()
                    && all.iter().zip(words).all(|(atoms, word)| self.word(atoms, word, &mut inner))
                    && self.positional(tail, &words[all.len()..], &mut inner);
                if there {
                    *bindings = inner;
                    return true;
                }
                self.positional(tail, words, bindings)
            }
            Element::Option { .. } | Element::Options(_) => false,
        }
    }
}

/// `VALUE` of `--option=VALUE`.
fn after_equals(word: &Word) -> Word {
    let mut parts = word.parts.clone();
    if let Some(Part::Text(first)) = parts.first_mut()
        && let Some((_, rest)) = first.split_once('=')
    {
        *first = rest.to_owned();
        if first.is_empty() {
            parts.remove(0);
        }
    }
    let at = word.text.find('=').map_or(0, |at| at + 1);
    // Of a word that is quoted as a whole only the text is known.
    let range = if word.quoted { 0..0 } else { (word.range.start + at).min(word.range.end)..word.range.end };
    Word { range, text: word.text[at..].to_owned(), parts, quoted: false }
}

fn joined(words: &[Word]) -> Bound {
    let text = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
    let ranges = words.iter().map(|w| w.range.clone()).collect();
    Bound { text, range: 0..0, literal: words.iter().all(Word::is_literal), words: ranges }
}
