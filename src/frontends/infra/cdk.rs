//! Front end of apps of the AWS Cloud Development Kit: <https://docs.aws.amazon.com/cdk/v2/guide/projects.html>. What an app
//! declares is code, which is not read.

use super::templates;
use crate::catalogue::resources::Resources;
use crate::model::Program;
use crate::source::SourceSet;
use crate::syntax::json;

const TOOL: &str = "cdk";

/// Find every app.
pub fn translate(sources: &SourceSet, program: &mut Program) {
    let tables = Resources::of(TOOL);
    for file in sources.files().iter().filter(|f| tables.is_read(f.name())) {
        if json::parse(file).root().is_some_and(|r| r.get("app").is_some()) {
            let template = templates::add(file, TOOL, program);
            program.templates.push(template);
        }
    }
}
