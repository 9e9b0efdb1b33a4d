//! A tolerant reader of justfiles (<https://just.systems/man/en/>): recipes, variables, imports and modules.

use crate::source::SourceFile;
use std::ops::Range;

/// What a justfile says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Justfile {
    /// Recipes, in file order.
    pub recipes: Vec<Recipe>,
    /// Variables with their expressions as written.
    pub variables: Vec<(String, String)>,
    /// `import 'PATH'`.
    pub imports: Vec<String>,
    /// `mod NAME 'PATH'`.
    pub modules: Vec<(String, Option<String>)>,
    /// `alias NAME := RECIPE`.
    pub aliases: Vec<(String, String)>,
}

/// A recipe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipe {
    /// Its name.
    pub name: String,
    /// Its parameters with their defaults as written.
    pub parameters: Vec<(String, Option<String>)>,
    /// Recipes that run before it.
    pub before: Vec<String>,
    /// Recipes that run after it.
    pub after: Vec<String>,
    /// Its header.
    pub span: Range<usize>,
    /// Logical lines without indentation and prefix; of a shebang recipe all lines from the first on.
    pub lines: Vec<Line>,
    /// Its body is one script of the interpreter on its first line.
    pub shebang: Option<String>,
}

/// A line of a recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its bytes, with its continuation lines.
    pub range: Range<usize>,
    /// `-`: its failure is ignored.
    pub ignored: bool,
}

/// Read a justfile.
pub fn parse(file: &SourceFile) -> Justfile {
    let mut out = Justfile::default();
    let mut at = 0;
    let mut body = false;
    let mut continued: Option<usize> = None;
    for raw in file.text.split_inclusive('\n') {
        let line = raw.trim_end_matches(['\n', '\r']);
        let start = at;
        at += raw.len();
        if line.starts_with([' ', '\t']) || (continued.is_some() && body) {
            if let Some(recipe) = out.recipes.last_mut().filter(|_| body) {
                continued = recipe_line(recipe, line, continued.unwrap_or(start), start);
            }
            continue;
        }
        if line.trim().is_empty() {
            continue;
        }
        body = false;
        if !line.starts_with(['#', '[']) {
            body = statement(&mut out, line, start);
        }
    }
    out
}

/// Read a line of a recipe that began at byte `first`; returns that byte where the line goes on.
fn recipe_line(recipe: &mut Recipe, line: &str, first: usize, start: usize) -> Option<usize> {
    let end = start + line.trim_end().len();
    let body = line.trim_start();
    let goes_on = first != start;
    if goes_on {
        if let Some(last) = recipe.lines.last_mut() {
            last.range.end = end.max(last.range.end);
        }
    } else {
        if recipe.lines.is_empty()
            && recipe.shebang.is_none()
            && let Some(interpreter) = body.strip_prefix("#!")
        {
            recipe.shebang = Some(interpreter.trim().to_owned());
            return None;
        }
        let script = recipe.shebang.is_some();
        let text = if script { body } else { body.trim_start_matches(['@', '-']) };
        let prefix = &body[..body.len() - text.len()];
        let from = start + line.len() - text.len();
        if end > from && (script || !text.starts_with('#')) {
            recipe.lines.push(Line { range: from..end, ignored: prefix.contains('-') });
        }
        if script {
            return None;
        }
    }
    line.trim_end().ends_with('\\').then_some(first)
}

/// Read a line of the top level; true where a recipe's body may follow.
fn statement(out: &mut Justfile, line: &str, start: usize) -> bool {
    let mut words = line.split_whitespace();
    match words.next().unwrap_or("") {
        "set" | "unexport" => return false,
        "import" | "import?" => {
            out.imports.extend(strings(line).into_iter().next());
            return false;
        }
        "mod" | "mod?" => {
            let name = words.next().unwrap_or("").to_owned();
            out.modules.push((name, strings(line).into_iter().next()));
            return false;
        }
        _ => {}
    }
    if let Some((name, value)) = line.split_once(":=") {
        let name = name.trim();
        if let Some(alias) = name.strip_prefix("alias ") {
            out.aliases.push((alias.trim().to_owned(), value.trim().to_owned()));
            return false;
        }
        let name = name.strip_prefix("export ").unwrap_or(name).trim();
        if name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
            out.variables.push((name.to_owned(), value.trim().to_owned()));
            return false;
        }
    }
    let Some(colon) = unquoted(line, ':') else { return false };
    let head = split(&line[..colon]);
    let Some(name) = head.first() else { return false };
    let mut recipe = Recipe { name: name.trim_start_matches('@').to_owned(), ..Recipe::default() };
    recipe.parameters = head[1..].iter().map(|p| parameter(p)).collect();
    let rest = &line[colon + 1..];
    let rest = unquoted(rest, '#').map_or(rest, |i| &rest[..i]);
    let (before, after) = rest.split_once("&&").unwrap_or((rest, ""));
    recipe.before = dependencies(before);
    recipe.after = dependencies(after);
    recipe.span = start..start + line.trim_end().len();
    out.recipes.push(recipe);
    true
}

fn parameter(word: &str) -> (String, Option<String>) {
    let (name, default) = word.split_once('=').map_or((word, None), |(n, d)| (n, Some(d)));
    (name.trim_start_matches(['+', '*', '$']).to_owned(), default.map(str::to_owned))
}

/// Names of dependencies; one with arguments stands in parentheses.
fn dependencies(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut depth = 0usize;
    let mut first = false;
    for word in split(&text.replace('(', " ( ").replace(')', " ) ")) {
        match word.as_str() {
            "(" => {
                first = depth == 0;
                depth += 1;
            }
            ")" => depth = depth.saturating_sub(1),
            _ if depth == 0 || first => {
                first = false;
                out.push(word);
            }
            _ => {}
        }
    }
    out
}

/// Byte index of a character outside of quotes.
fn unquoted(text: &str, wanted: char) -> Option<usize> {
    let mut quote = None;
    for (i, c) in text.char_indices() {
        match (c, quote) {
            (c, None) if c == wanted => return Some(i),
            ('"' | '\'' | '`', None) => quote = Some(c),
            (c, Some(q)) if c == q => quote = None,
            _ => {}
        }
    }
    None
}

/// Words; blanks inside of quotes do not separate.
fn split(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quote = None;
    for c in text.chars() {
        match (c, quote) {
            (c, None) if c.is_whitespace() => out.push(String::new()),
            (c, q) => {
                quote = match q {
                    None if matches!(c, '"' | '\'' | '`') => Some(c),
                    Some(q) if q == c => None,
                    q => q,
                };
                if let Some(last) = out.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    out.retain(|w| !w.is_empty());
    out
}

/// The strings of a line.
fn strings(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find(['"', '\'']) {
        let quote = if rest[at..].starts_with('"') { '"' } else { '\'' };
        let Some((inner, after)) = rest[at + 1..].split_once(quote) else { break };
        out.push(inner.to_owned());
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn recipes_variables_and_imports_are_read() {
        let text = "set shell := [\"bash\"]\nexport TAG := 'a:b'\nimport 'ops/x.just'\nmod infra\nalias b := build\n\n[private]\nbuild target='all' *args: clean (gen \"x y\") && done # why\n  @docker build \\\n    .\n\n  -rm x\n# note\nscript:\n    #!/usr/bin/env bash\n    set -e\n    make\n";
        let file = SourceFile::new(FileId(0), "justfile", text);
        let just = parse(&file);
        assert_eq!(just.variables, [("TAG".to_owned(), "'a:b'".to_owned())]);
        assert_eq!((just.imports.len(), just.modules.len(), just.aliases.len()), (1, 1, 1));
        let build = &just.recipes[0];
        assert_eq!(build.parameters, [("target".to_owned(), Some("'all'".to_owned())), ("args".to_owned(), None)]);
        assert_eq!((build.before.join(","), build.after.join(",")), ("clean,gen".to_owned(), "done".to_owned()));
        let lines: Vec<&str> = build.lines.iter().map(|l| &text[l.range.clone()]).collect();
        assert_eq!(lines, ["docker build \\\n    .", "rm x"]);
        assert!(build.lines[1].ignored);
        assert_eq!((just.recipes[1].shebang.as_deref(), just.recipes[1].lines.len()), (Some("/usr/bin/env bash"), 2));
    }

    #[test]
    fn hostile_justfiles_end() {
        for text in ["", ":", "a:\n", "a:\r\n\tx \\\r\n", "a b='c: d\n  x", "import", "x := ", "(((", "é: é\n é\\"] {
            parse(&SourceFile::new(FileId(0), "justfile", text));
        }
    }
}
