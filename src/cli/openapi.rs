//! `daowei openapi`: prints the document that is committed as `openapi.yaml`.

use std::io::Write;

use crate::http;

pub fn run() -> anyhow::Result<()> {
    let text = http::docs::yaml(&http::document());
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}
