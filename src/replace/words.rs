//! Comparing a word of a pattern with a word of a script: literal text, holes, variables and substitutions.

use super::matching::{Bindings, Bound, Matcher};
use super::pattern::{Atom, Class};
use super::tree::{Part, Word};

impl Matcher<'_> {
    /// One word.
    pub(super) fn word(&self, atoms: &[Atom], word: &Word, bindings: &mut Bindings) -> bool {
        if let [Atom::Hole(name, class)] = atoms {
            let bound = Bound::one(word.text.clone(), word.range.clone(), word.is_literal());
            return fits(class, &bound) && bindings.bind(name, bound);
        }
        if let [Atom::Substitution(pattern)] = atoms
            && let [Part::Substitution(nodes)] = word.parts.as_slice()
        {
            let mut inner = bindings.clone();
            let found = self.body(pattern, nodes, &mut inner);
            if found {
                *bindings = inner;
            }
            return found;
        }
        self.parts(atoms, &word.parts, bindings)
    }

    /// Parts of a word against atoms, literal text by text.
    fn parts(&self, atoms: &[Atom], parts: &[Part], bindings: &mut Bindings) -> bool {
        let (Some((atom, more)), false) = (atoms.split_first(), parts.is_empty()) else {
            return atoms.is_empty() && parts.is_empty();
        };
        match (atom, &parts[0]) {
            (Atom::Text(wanted), Part::Text(text)) => {
                let Some(rest) = text.strip_prefix(wanted.as_str()) else { return false };
                self.after(more, rest, &parts[1..], bindings)
            }
            (Atom::Choice(all), Part::Text(text)) => all.iter().any(|one| {
                let mut inner = bindings.clone();
                let fits = text.strip_prefix(one.as_str()).is_some_and(|rest| self.after(more, rest, &parts[1..], &mut inner));
                if fits {
                    *bindings = inner;
                    bindings.texts.insert(all.join("|"), Bound::one(one.clone(), 0..0, true));
                }
                fits
            }),
            (Atom::Variable(wanted), Part::Variable(name)) => {
                self.text(std::slice::from_ref(wanted), name, true, bindings) && self.parts(more, &parts[1..], bindings)
            }
            (Atom::Substitution(pattern), Part::Substitution(nodes)) => {
                self.body(pattern, nodes, bindings) && self.parts(more, &parts[1..], bindings)
            }
            (Atom::Hole(name, class), part) => {
                // As much as leaves the rest something to meet.
                if let Part::Text(text) = part {
                    let mut ends: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
                    ends.reverse();
                    for end in ends.into_iter().filter(|end| *end > 0) {
                        let mut inner = bindings.clone();
                        let bound = Bound::one(text[..end].to_owned(), 0..0, true);
                        if fits(class, &bound)
                            && inner.bind(name, bound)
                            && self.after(more, &text[end..], &parts[1..], &mut inner)
                        {
                            *bindings = inner;
                            return true;
                        }
                    }
                }
                // Or several parts, with what only a run knows.
                for taken in (1..=parts.len()).rev() {
                    let mut inner = bindings.clone();
                    let bound = Bound::one(written(&parts[..taken]), 0..0, false);
                    let run = parts[..taken].iter().any(|p| !matches!(p, Part::Text(_)));
                    if run && fits(class, &bound) && inner.bind(name, bound) && self.parts(more, &parts[taken..], &mut inner) {
                        *bindings = inner;
                        return true;
                    }
                }
                false
            }
            _ => false,
        }
    }

    fn after(&self, atoms: &[Atom], rest: &str, parts: &[Part], bindings: &mut Bindings) -> bool {
        if rest.is_empty() {
            return self.parts(atoms, parts, bindings);
        }
        let all: Vec<Part> = std::iter::once(Part::Text(rest.to_owned())).chain(parts.iter().cloned()).collect();
        self.parts(atoms, &all, bindings)
    }

    pub(super) fn text(&self, atoms: &[Atom], text: &str, literal: bool, bindings: &mut Bindings) -> bool {
        if let [Atom::Hole(name, class)] = atoms {
            let bound = Bound::one(text, 0..0, literal);
            return fits(class, &bound) && bindings.bind(name, bound);
        }
        self.parts(atoms, &[Part::Text(text.to_owned())], bindings)
    }
}

fn fits(class: &Class, bound: &Bound) -> bool {
    match class {
        Class::Any => true,
        Class::Literal => bound.literal,
        Class::Number => bound.literal && !bound.text.is_empty() && bound.text.bytes().all(|b| b.is_ascii_digit()),
        Class::Url => bound.text.starts_with("http://") || bound.text.starts_with("https://"),
        Class::Regex(regex) => regex.is_match(&bound.text),
    }
}

fn written(parts: &[Part]) -> String {
    parts
        .iter()
        .map(|p| match p {
            Part::Text(text) | Part::Other(text) => text.clone(),
            Part::Variable(name) => format!("${{{name}}}"),
            Part::Substitution(_) => "$(…)".to_owned(),
        })
        .collect()
}
