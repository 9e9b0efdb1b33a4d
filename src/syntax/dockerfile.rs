//! Dockerfiles (<https://docs.docker.com/reference/dockerfile/>): their instructions with places, and the commands of
//! RUN as shell text.

mod commands;

use crate::source::{SourceFile, Text};
use commands::{run_texts, start_text};
use std::ops::Range;
use tree_sitter::{Node, Parser};

/// What a Dockerfile says, in its order.
#[derive(Clone, Debug, Default)]
pub struct Dockerfile {
    /// Its instructions.
    pub instructions: Vec<Instruction>,
    /// Where it could not be read.
    pub faults: Vec<Range<usize>>,
}

/// One instruction with its place.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// Its lines, here-documents included.
    pub span: Range<usize>,
    /// What it says.
    pub kind: Kind,
}

/// What an instruction says. Texts are without quotes; variables stand as written.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `FROM image AS alias`.
    From {
        /// The image with tag and digest, or an earlier stage.
        image: String,
        /// Where it stands.
        span: Range<usize>,
        /// The stage's name.
        alias: Option<String>,
    },
    /// `RUN`: shell texts, one for a command or for each here-document that is a script.
    Run(Vec<Text>),
    /// `ENV` names with values.
    Env(Vec<(String, String)>),
    /// `ARG` names with defaults.
    Arg(Vec<(String, Option<String>)>),
    /// `USER`, without the group.
    User(String),
    /// `HEALTHCHECK`; false: `NONE`.
    Healthcheck(bool),
    /// `COPY` and `ADD`.
    Copy {
        /// `--from`: another stage or image.
        from: Option<String>,
        /// What is copied.
        sources: Vec<String>,
    },
    /// `ENTRYPOINT` as shell text; none where it is empty.
    Entrypoint(Option<Text>),
    /// `CMD` as shell text; none where it is empty.
    Cmd(Option<Text>),
    /// Anything else.
    Other,
}

/// Read a Dockerfile.
pub fn parse(file: &SourceFile) -> Dockerfile {
    let mut out = Dockerfile::default();
    let mut parser = Parser::new();
    if parser.set_language(&tree_sitter_containerfile::LANGUAGE.into()).is_err() {
        return out;
    }
    let escape = escape(&file.text);
    let Some(tree) = parser.parse(for_grammar(&file.text, escape), None) else { return out };
    let reader = Reader { file, escape };
    // Instructions stand at the top, or inside of what could not be read.
    let mut todo = vec![tree.root_node()];
    while let Some(node) = todo.pop() {
        if node.kind().ends_with("_instruction") {
            out.instructions.push(reader.instruction(node));
            continue;
        }
        if node.is_error() || node.is_missing() {
            out.faults.push(reader.range(node));
        }
        todo.extend(children(node).into_iter().rev());
    }
    out
}

/// The text as the grammar reads it, every byte in its place: blanks after an escape character go before it, and the last
/// line has its end.
fn for_grammar(text: &str, escape: char) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        let cut = body.trim_end_matches([' ', '\t']);
        match cut.strip_suffix(escape) {
            Some(head) => {
                out.push_str(head);
                out.push_str(&body[cut.len()..]);
                out.push(escape);
                out.push_str(&line[body.len()..]);
            }
            None => out.push_str(line),
        }
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// The character that joins lines: `\`, or what `# escape=` says.
fn escape(text: &str) -> char {
    for line in text.lines().take_while(|l| l.trim_start().starts_with('#')) {
        let line = line.trim_start().trim_start_matches('#').trim();
        if let Some((name, value)) = line.split_once('=')
            && name.trim().eq_ignore_ascii_case("escape")
            && value.trim() == "`"
        {
            return '`';
        }
    }
    '\\'
}

struct Reader<'a> {
    file: &'a SourceFile,
    escape: char,
}

impl Reader<'_> {
    fn range(&self, node: Node) -> Range<usize> {
        let end = node.end_byte().min(self.file.text.len());
        node.start_byte().min(end)..end
    }

    fn text(&self, node: Node) -> &str {
        self.file.text.get(self.range(node)).unwrap_or("")
    }

    fn instruction(&self, node: Node) -> Instruction {
        let children = children(node);
        let kind = match node.kind() {
            "from_instruction" => self.from(&children),
            "run_instruction" => Kind::Run(run_texts(self.file, node, self.escape)),
            "env_instruction" => {
                Kind::Env(self.pairs(&children, "env_pair").into_iter().map(|(n, v)| (n, v.unwrap_or_default())).collect())
            }
            "arg_instruction" => Kind::Arg(self.pairs(&children, "arg_pair")),
            "user_instruction" => Kind::User(node.child_by_field_name("user").map_or("", |n| self.text(n)).to_owned()),
            "healthcheck_instruction" => {
                Kind::Healthcheck(children.iter().any(|c| c.kind() == "cmd_instruction" || c.kind() == "shell_command"))
            }
            "copy_instruction" | "add_instruction" => self.copy(&children),
            "entrypoint_instruction" => Kind::Entrypoint(start_text(self.file, &children, self.escape)),
            "cmd_instruction" => Kind::Cmd(start_text(self.file, &children, self.escape)),
            _ => Kind::Other,
        };
        let mut span = self.range(node);
        let kept = self.file.text.get(span.clone()).map_or(0, |t| t.trim_end().len());
        span.end = span.start + kept;
        Instruction { span, kind }
    }

    fn from(&self, children: &[Node]) -> Kind {
        let find = |kind: &str| children.iter().find(|c| c.kind() == kind);
        let image = find("image_spec");
        Kind::From {
            image: image.map_or("", |n| self.text(*n)).to_owned(),
            span: image.map_or(0..0, |n| self.range(*n)),
            alias: find("image_alias").map(|n| self.text(*n).to_owned()),
        }
    }

    /// `NAME=value` and `NAME value` pairs.
    fn pairs(&self, children: &[Node], kind: &str) -> Vec<(String, Option<String>)> {
        let mut out = Vec::new();
        for pair in children.iter().filter(|c| c.kind() == kind) {
            let Some(name) = pair.child_by_field_name("name") else { continue };
            let rest = self.file.text.get(self.range(name).end..self.range(*pair).end).unwrap_or("");
            let value = match rest.strip_prefix('=') {
                Some(value) => Some(self.unquoted(value)),
                None if rest.trim().is_empty() => None,
                None => Some(self.unquoted(rest.trim())),
            };
            out.push((self.text(name).to_owned(), value));
        }
        out
    }

    fn copy(&self, children: &[Node]) -> Kind {
        let mut from = None;
        let mut paths: Vec<String> = Vec::new();
        for child in children {
            match child.kind() {
                "param" if self.text(*child).starts_with("--from=") => {
                    from = self.text(*child).split_once('=').map(|(_, v)| v.to_owned());
                }
                "path" => paths.push(self.text(*child).to_owned()),
                "json_string_array" => paths.extend(self.strings(*child)),
                _ => {}
            }
        }
        paths.pop();
        paths.retain(|p| !p.starts_with("<<"));
        Kind::Copy { from, sources: paths }
    }

    fn strings(&self, array: Node) -> Vec<String> {
        children(array).into_iter().filter(|c| c.kind() == "json_string").map(|c| commands::json_string(self.text(c))).collect()
    }

    /// A value without its quotes and continuation lines.
    fn unquoted(&self, raw: &str) -> String {
        let mut out = String::with_capacity(raw.len());
        let mut quote = None;
        let mut chars = raw.chars().peekable();
        while let Some(c) = chars.next() {
            match (c, quote) {
                ('"' | '\'', None) => quote = Some(c),
                (c, Some(q)) if c == q => quote = None,
                (c, q) if c == self.escape && q != Some('\'') => match chars.next() {
                    Some('\r') => {
                        chars.next_if_eq(&'\n');
                    }
                    Some('\n') | None => {}
                    Some(next @ ('"' | '\'' | '\\' | ' ')) => out.push(next),
                    Some(next) => out.extend([c, next]),
                },
                (c, _) => out.push(c),
            }
        }
        out
    }
}

fn children(node: Node) -> Vec<Node> {
    let mut cursor = node.walk();
    node.children(&mut cursor).collect()
}

#[cfg(test)]
mod tests;
