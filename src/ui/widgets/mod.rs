//! What the pages are put together from, one file each.
pub mod chart;
pub mod codes;
pub mod controls;
pub mod encoder;
pub mod explain;
pub mod fields;
pub mod figures;
pub mod hourglass;
#[expect(dead_code, reason = "for the lessons after the Studio")]
pub mod lesson;
pub mod notices;
pub mod pad;
pub mod pen;
pub mod picture;
pub mod recipe;
pub mod share;
pub mod status;
pub mod strip;
