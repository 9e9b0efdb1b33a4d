//! The outputs of a whole report.

use crate::sample;
use prodpath::report::look::Look;
use prodpath::report::terminal::{Detail, Options, render};

fn screen(width: usize, change: impl Fn(&mut Options)) -> String {
    let mut options = Options { look: Look { width: Some(width), ..Look::default() }, ..Options::default() };
    change(&mut options);
    render(&sample::report(), &options)
}

#[test]
fn first_screen() {
    insta::assert_snapshot!("screen_160", screen(160, |_| ()));
    insta::assert_snapshot!("screen_80", screen(80, |_| ()));
    insta::assert_snapshot!("screen_50", screen(50, |_| ()));
    insta::assert_snapshot!("screen_ascii", screen(80, |o| o.look.ascii = true));
    insta::assert_snapshot!("screen_quiet", screen(80, |o| o.detail = Detail::Quiet));
    insta::assert_snapshot!("screen_verbose", screen(120, |o| o.detail = Detail::Verbose));
    insta::assert_snapshot!("screen_one_service", screen(120, |o| o.services = vec!["cart".to_owned()]));
}
