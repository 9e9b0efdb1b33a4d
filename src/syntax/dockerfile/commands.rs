//! The commands of RUN as shell text.

use super::children;
use crate::source::{SourceFile, Text};
use crate::syntax::splice::Splice;
use std::ops::Range;
use tree_sitter::Node;

/// The shell texts of a RUN instruction.
pub(super) fn run_texts(file: &SourceFile, run: Node, escape: char) -> Vec<Text> {
    let parts = children(run);
    let mut documents: Vec<Node> = Vec::new();
    for block in parts.iter().filter(|p| p.kind() == "heredoc_block") {
        documents.extend(children(*block).into_iter().filter(|c| c.kind() == "heredoc_content"));
    }
    let Some(command) = parts.iter().find(|p| matches!(p.kind(), "shell_command" | "json_string_array")) else {
        return documents.into_iter().map(|d| verbatim(file, d)).collect();
    };
    if command.kind() == "json_string_array" {
        return vec![exec_text(file, *command)];
    }
    let range = clamp(file, command.start_byte()..command.end_byte());
    let shown = file.text.get(range.clone()).unwrap_or("");
    let program = shown.split_whitespace().find(|w| !w.starts_with("<<")).unwrap_or("");
    let fed = documents.is_empty() || !(program.is_empty() || is_shell(program));
    if !fed {
        // The here-documents are the script: `RUN <<EOF` alone, or fed to a shell.
        return documents.into_iter().map(|d| verbatim(file, d)).collect();
    }
    let mut splice = Splice::new(file);
    joined(file, range, escape, &mut splice);
    if let (Some(first), Some(last)) = (parts.iter().find(|p| p.kind() == "heredoc_block"), parts.last()) {
        splice.copy(clamp(file, first.start_byte()..last.end_byte()));
    }
    vec![splice.finish()]
}

/// The command of an ENTRYPOINT or CMD; none where it is empty.
pub(super) fn start_text(file: &SourceFile, parts: &[Node], escape: char) -> Option<Text> {
    let command = parts.iter().find(|c| matches!(c.kind(), "json_string_array" | "shell_command"))?;
    let text = if command.kind() == "json_string_array" {
        exec_text(file, *command)
    } else {
        let mut splice = Splice::new(file);
        joined(file, clamp(file, command.start_byte()..command.end_byte()), escape, &mut splice);
        splice.finish()
    };
    Some(text).filter(|t| !t.text.trim().is_empty())
}

fn is_shell(program: &str) -> bool {
    matches!(program.rsplit('/').next().unwrap_or(program), "sh" | "bash" | "ash" | "dash" | "zsh")
}

fn clamp(file: &SourceFile, range: Range<usize>) -> Range<usize> {
    let end = range.end.min(file.text.len());
    range.start.min(end)..end
}

fn verbatim(file: &SourceFile, node: Node) -> Text {
    let mut splice = Splice::new(file);
    splice.copy(clamp(file, node.start_byte()..node.end_byte()));
    splice.finish()
}

/// A command over several lines: lines of comments and empty lines between continuations become blanks of equal length,
/// line break included, and the escape character becomes the shell's.
fn joined(file: &SourceFile, range: Range<usize>, escape: char, out: &mut Splice) {
    let text = file.text.get(range.clone()).unwrap_or("");
    let mut at = range.start;
    let mut continued = false;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let body = line.trim_end_matches(['\n', '\r']);
        let trimmed = body.trim();
        if continued && (trimmed.is_empty() || trimmed.starts_with('#')) && line.ends_with('\n') {
            out.put(&" ".repeat(line.len()), at..end);
        } else if continued && trimmed.starts_with('#') {
            out.blank(at..end);
        } else {
            let cut = body.trim_end();
            continued = cut.ends_with(escape) && !cut[..cut.len() - escape.len_utf8()].ends_with(escape);
            if continued {
                // Docker allows blanks after the escape character, the shell does not.
                let stop = at + cut.len() - escape.len_utf8();
                out.copy(at..stop);
                out.put("\\", stop..at + cut.len());
                out.copy(at + body.len()..end);
            } else {
                out.copy(at..end);
            }
        }
        at = end;
    }
}

/// The exec form (`["program", "argument"]`) as shell text, each word quoted where it must be.
fn exec_text(file: &SourceFile, array: Node) -> Text {
    let mut splice = Splice::new(file);
    for node in children(array).into_iter().filter(|c| c.kind() == "json_string") {
        let range = clamp(file, node.start_byte()..node.end_byte());
        let word = json_string(file.text.get(range.clone()).unwrap_or(""));
        let plain = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "-_./:=@,+%".contains(c));
        let quoted = if plain { word } else { format!("'{}'", word.replace('\'', "'\\''")) };
        if !splice.is_empty() {
            splice.put(" ", range.start..range.start);
        }
        splice.put(&quoted, range);
    }
    splice.finish()
}

/// A JSON string without quotes and escapes; as written where it is none.
pub(super) fn json_string(raw: &str) -> String {
    serde_json::from_str(raw).unwrap_or_else(|_| raw.trim_matches('"').to_owned())
}
