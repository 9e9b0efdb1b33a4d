//! Template expressions in a text that another parser reads: masked by words of the same length, or blanked.

use std::ops::Range;

/// Head and tail of a mask. No tool, option or path is written so.
const HEAD: &str = "_Xq";
const TAIL: char = 'q';

/// An expression that was masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    /// Its bytes in the text, delimiters included.
    pub range: Range<usize>,
    /// The expression between the delimiters, trimmed.
    pub expression: String,
}

/// Mask the expressions between `open` and `close` by shell words of equal length that no tool is called; line breaks stay.
/// The list is in order and names every mask by its bytes. An expression that does not end is left as it is.
pub fn mask(text: &str, open: &str, close: &str) -> (String, Vec<Masked>) {
    let mut out = String::with_capacity(text.len());
    let mut masks = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find(open) {
        let start = at + found;
        let inner = start + open.len();
        let Some(len) = end_of(&text[inner..], close) else { break };
        let end = inner + len + close.len();
        out.push_str(&text[at..start]);
        word(&text[start..end], &mut out);
        masks.push(Masked { range: start..end, expression: text[inner..inner + len].trim().to_owned() });
        at = end;
    }
    out.push_str(&text[at..]);
    (out, masks)
}

/// Where `close` stands, strings passed over; where that leads nowhere, the first one.
fn end_of(text: &str, close: &str) -> Option<usize> {
    let mut quote = None;
    for (i, c) in text.char_indices() {
        match quote {
            None if text[i..].starts_with(close) => return Some(i),
            None if matches!(c, '\'' | '"' | '`') => quote = Some(c),
            Some(q) if q == c => quote = None,
            _ => {}
        }
    }
    text.find(close)
}

/// A mask of the same length with the same line breaks.
fn word(text: &str, out: &mut String) {
    let len = text.len();
    for (i, b) in text.bytes().enumerate() {
        let c = match b {
            b'\n' | b'\r' => char::from(b),
            _ if len > HEAD.len() && i < HEAD.len() => char::from(HEAD.as_bytes()[i]),
            _ if len > HEAD.len() && i + 1 == len => TAIL,
            _ => '_',
        };
        out.push(c);
    }
}

/// The text with every mask replaced by one character.
pub fn unmask(text: &str, by: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = rest.find(HEAD) {
        let body = &rest[found + HEAD.len()..];
        let fill = body.find(|c| !matches!(c, '_' | '\n' | '\r')).unwrap_or(body.len());
        out.push_str(&rest[..found]);
        if body[fill..].starts_with(TAIL) {
            out.push(by);
            rest = &body[fill + 1..];
        } else {
            out.push_str(HEAD);
            rest = body;
        }
    }
    out.push_str(rest);
    out
}

/// Lines that hold nothing but template actions (`{{- if … }}`, `{% for … %}`, `{# … #}`, an action that writes a whole
/// block) become blanks; everything keeps its place.
pub fn blank_controls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let len = actions(rest).unwrap_or(0);
        let line = if len > 0 { len } else { rest.find('\n').map_or(rest.len(), |p| p + 1) };
        if len > 0 {
            out.extend(rest[..len].bytes().map(|b| if matches!(b, b'\n' | b'\r') { char::from(b) } else { ' ' }));
        } else {
            out.push_str(&rest[..line]);
        }
        at += line;
    }
    out
}

/// A Go or Jinja template made readable for YAML: control lines blanked, other actions masked, everything in its place.
pub fn template(text: &str) -> (String, Vec<Masked>) {
    let (masked, list) = mask(&blank_controls(text), "{{", "}}");
    let (masked, _) = mask(&masked, "{%", "%}");
    (masked, list)
}

/// Length of the lines at the head of `text` that hold only actions.
fn actions(text: &str) -> Option<usize> {
    let mut at = 0;
    let mut any = false;
    loop {
        let rest = &text[at..];
        let space = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
        at += space;
        let rest = &text[at..];
        if rest.is_empty() || rest.starts_with('\n') {
            let len = if rest.is_empty() { at } else { at + 1 };
            return any.then_some(len);
        }
        let pairs = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];
        let (open, close) = pairs.into_iter().find(|(open, _)| rest.starts_with(open))?;
        let body = &rest[open.len()..];
        let comment = body.trim_start_matches('-').trim_start().starts_with("/*");
        let inner = if comment { body.find("*/").map(|p| p + body[p..].find(close).unwrap_or(0))? } else { end_of(body, close)? };
        at += open.len() + inner + close.len();
        any = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_keep_length_and_name_their_expressions() {
        let text = "docker push ${{ env.A }}:${{ format('}}{0}', x) }} é${{\n a }}";
        let (masked, list) = mask(text, "${{", "}}");
        assert_eq!(masked.len(), text.len());
        assert_eq!(list.iter().map(|m| m.expression.as_str()).collect::<Vec<_>>(), ["env.A", "format('}}{0}', x)", "a"]);
        for m in &list {
            assert!(masked[m.range.clone()].starts_with("_Xq") && masked[m.range.clone()].ends_with('q'));
        }
        assert_eq!(masked.matches('\n').count(), 1);
        assert_eq!(unmask(&masked, '?'), "docker push ?:? é?");
    }

    #[test]
    fn an_open_expression_and_a_lone_quote_are_no_trap() {
        assert_eq!(mask("a ${{ b", "${{", "}}").0, "a ${{ b");
        assert_eq!(mask("it's {{ don't }} x", "{{", "}}").1[0].expression, "don't");
        assert_eq!(unmask("_Xq and _Xq__", '?'), "_Xq and _Xq__");
    }

    #[test]
    fn control_lines_become_blank_and_others_stay() {
        let text = "{{- if .Values.x }}\nkind: {{ .k }}\n  {{- end }} {{/* it's\n over */}}\n{% for a in b %}\nx: 1\n";
        let blanked = blank_controls(text);
        assert_eq!(blanked.len(), text.len());
        assert_eq!(blanked.lines().map(str::trim).collect::<Vec<_>>(), ["", "kind: {{ .k }}", "", "", "", "x: 1"]);
    }

    #[test]
    fn a_template_becomes_readable() {
        let (text, masks) = template("{{- if .x }}\nimage: {{ .repo }}:{{ .tag | default \"a}}b\" }}\n{{- end }}\n");
        assert_eq!(unmask(text.trim(), '?'), "image: ?:?");
        assert_eq!(masks.len(), 2);
    }
}
