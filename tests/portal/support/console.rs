//! What every form of the console carries, and files that are uploaded there.

use super::browser::{Answer, Browser};

const BOUNDARY: &str = "----a-boundary-that-is-in-no-file";

impl Browser {
    /// The organization the page at hand acts in.
    pub fn acting_in(&self) -> String {
        self.page().attribute("input[name=organization_id]", "value").unwrap_or_default()
    }

    /// Posts a form of the console with the token of the page at hand; redirects are not followed.
    pub async fn post_in_console(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let organization = self.acting_in();
        let fields: Vec<(&str, &str)> =
            fields.iter().copied().chain([("organization_id", organization.as_str())]).collect();
        self.post_only(path, &fields).await
    }

    /// The same with a file, as a browser sends it.
    pub async fn upload_in_console(&mut self, path: &str, fields: &[(&str, &str)], file: &[u8]) -> Answer {
        let (token, organization) = (self.token(), self.acting_in());
        let always = [("csrf", token.as_str()), ("organization_id", organization.as_str())];
        let mut body = Vec::new();
        for (name, value) in always.iter().chain(fields) {
            let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\n\
             Content-Type: text/csv\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        self.post_body(path, &format!("multipart/form-data; boundary={BOUNDARY}"), body).await
    }
}
