//! `prodpath fix`: the edits that replace scripts by options.

use super::args::{Fix, Show};
use super::output::Output;
use super::{FINE, Failure, config};
use crate::fix;
use crate::report::look::Look;
use crate::report::words;
use crate::scan::scan;
use std::io::Write;

pub(super) fn fix(args: &Fix, show: &Show, look: Look, output: &mut Output<impl Write, impl Write>) -> Result<u8, Failure> {
    let config = config(&args.path, show)?;
    let report = scan(&args.path, &config).map_err(|e| Failure(e.to_string()))?;
    let fixed = fix::fix(&args.path, &config, &report, args.unsafe_too, args.write).map_err(|e| Failure(e.to_string()))?;
    for line in fixed.diff.lines() {
        output.text(&format!("{}\n", look.escape(line)));
    }
    for (place, why) in &fixed.withdrawn {
        output.message(&look.escape(&format!("{place}: not changed: {why}")));
    }
    let done = if args.write { "applied" } else { "to apply (--write)" };
    let left = report.replacements.iter().filter(|r| r.fix.is_some()).count().saturating_sub(fixed.applied);
    let mut text = format!("{} {done}", words::count(fixed.applied, "edit", "edits"));
    if left > 0 && !args.unsafe_too {
        text = format!("{text}, {left} more that a person should look at (--unsafe)");
    }
    output.message(&text);
    Ok(FINE)
}
