//! What takes the place of a match: text with the holes filled in.

use super::matching::Bindings;

/// A template.
#[derive(Clone, Debug)]
pub struct Template(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Hole(String),
    Choice(String),
    Optional(Vec<Piece>, Vec<String>),
}

impl Template {
    /// Read a template. Errors: a hole or an optional part that does not end.
    pub fn read(text: &str) -> Result<Self, String> {
        pieces(text).map(Self)
    }

    /// The text; `written` gives what stands in a range of the script. None: a hole took nothing.
    pub fn fill(&self, bindings: &Bindings, written: &dyn Fn(std::ops::Range<usize>) -> String) -> Option<String> {
        let mut out = String::new();
        fill(&self.0, bindings, written, &mut out)?;
        let lines: Vec<String> = out.lines().map(|l| l.trim_end().to_owned()).collect();
        Some(lines.join("\n").trim().to_owned())
    }
}

fn fill(
    pieces: &[Piece],
    bindings: &Bindings,
    written: &dyn Fn(std::ops::Range<usize>) -> String,
    out: &mut String,
) -> Option<()> {
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                // Where an optional part is left out, one blank is enough.
                let text = if out.ends_with(' ') { text.trim_start_matches(' ') } else { text };
                out.push_str(text);
            }
            Piece::Hole(name) => {
                let bound = bindings.texts.get(name)?;
                out.push_str(&bound.written(written));
            }
            Piece::Choice(key) => {
                // The program that was taken, else the option by the name that was.
                let option = || key.split('|').find(|name| bindings.texts.contains_key(*name));
                out.push_str(bindings.texts.get(key).map(|b| b.text.as_str()).or_else(option)?);
            }
            Piece::Optional(inner, names) => {
                if names.iter().all(|n| bindings.texts.contains_key(n)) {
                    fill(inner, bindings, written, out)?;
                }
            }
        }
    }
    Some(())
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    let mut push = |literal: &mut String, piece: Option<Piece>| {
        if !literal.is_empty() {
            out.push(Piece::Text(std::mem::take(literal)));
        }
        out.extend(piece);
    };
    while at < chars.len() {
        let before = at.checked_sub(1).map(|i| chars[i]);
        let starts = before.is_none_or(char::is_whitespace);
        if chars[at] == '<' && chars.get(at + 1).is_some_and(char::is_ascii_uppercase) {
            let end = (at..chars.len()).find(|i| chars[*i] == '>').ok_or("a hole `<…` does not end")?;
            let name: String = chars[at + 1..end].iter().collect();
            let name = name.trim_end_matches("...").split(':').next().unwrap_or_default().to_owned();
            push(&mut literal, Some(Piece::Hole(name)));
            at = end + 1;
            continue;
        }
        if chars[at] == '[' && starts && chars.get(at + 1).is_some_and(|c| !c.is_whitespace() && *c != '[') {
            let end = (at..chars.len()).find(|i| chars[*i] == ']').ok_or("an optional part `[…` does not end")?;
            let inner: String = chars[at + 1..end].iter().collect();
            let read = pieces(&inner)?;
            let mut names: Vec<String> =
                read.iter().filter_map(|p| if let Piece::Hole(name) = p { Some(name.clone()) } else { None }).collect();
            if names.is_empty() {
                names.extend(inner.split(['=', ' ', '|']).next().map(ToOwned::to_owned));
            }
            push(&mut literal, Some(Piece::Optional(read, names)));
            at = end + 1;
            continue;
        }
        if starts {
            let word: String = chars[at..].iter().take_while(|c| !c.is_whitespace() && !"<>()'\"$;".contains(**c)).collect();
            if word.contains('|') && !word.contains("||") && !word.starts_with('|') && !word.ends_with('|') {
                at += word.chars().count();
                push(&mut literal, Some(Piece::Choice(word)));
                continue;
            }
        }
        literal.push(chars[at]);
        at += 1;
    }
    push(&mut literal, None);
    Ok(out)
}
