//! Shared configuration: <https://docs.travis-ci.com/user/build-config-imports>.

use crate::frontends::pipelines::Input;
use crate::frontends::pipelines::data::{self, Data};
use crate::model::Program;
use crate::source::SourceFile;
use crate::source::paths::join;

/// At most so many files are put together.
const MAX_IMPORTS: usize = 100;

/// A configuration over what it imports; files of other repositories are named as not known.
pub fn merged(root: &Data, file: &SourceFile, input: &Input<'_>, program: &mut Program) -> Data {
    let mut seen = vec![file.path.clone()];
    merge(root, &mut seen, input, program)
}

fn merge(root: &Data, seen: &mut Vec<String>, input: &Input<'_>, program: &mut Program) -> Data {
    let mut below: Option<Data> = None;
    for import in root.get("import").map(Data::one_or_many).unwrap_or_default() {
        let Some(source) = import.str().or_else(|| import.get_str("source")) else { continue };
        let path = if source.contains(':') || source.contains('@') { None } else { join("", source) };
        let Some(found) = path.and_then(|p| input.sources.get(&p)) else {
            program.unknowns.push((import.span, format!("the configuration {source} is not in this repository")));
            continue;
        };
        if seen.contains(&found.path) || seen.len() > MAX_IMPORTS {
            data::warn(program, import.span, format!("{source} is imported already"));
            continue;
        }
        seen.push(found.path.clone());
        if let Some(part) = data::read(found, program).into_iter().next().filter(Data::is_map) {
            let part = merge(&part, seen, input, program);
            below = Some(below.map_or_else(|| part.clone(), |b| b.merged(&part)));
        }
    }
    below.map_or_else(|| root.clone(), |below| below.merged(root))
}
