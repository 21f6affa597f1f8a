//! A page as somebody without scripts has it: its words, its links, its forms.

use scraper::{ElementRef, Html, Node, Selector};

/// What pressing something leads to.
#[derive(Debug)]
pub enum Go {
    Get(String),
    Post(String, Vec<(String, String)>),
}

/// What was entered beside a label.
#[derive(Clone, Debug)]
pub enum Entry {
    Text(String),
    Checked(bool),
}

pub struct Page {
    html: Html,
}

impl Page {
    pub fn read(html: &str) -> Self {
        Self { html: Html::parse_document(html) }
    }

    pub fn title(&self) -> String {
        self.all("title").next().map(words).unwrap_or_default()
    }

    /// Everything that can be read, in one line.
    pub fn text(&self) -> String {
        self.all("body").next().map(words).unwrap_or_default()
    }

    pub fn has(&self, selector: &str) -> bool {
        self.all(selector).next().is_some()
    }

    /// The words of every such element.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        self.all(selector).map(words).collect()
    }

    /// An attribute of the first such element.
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        self.all(selector).next()?.attr(name).map(str::to_owned)
    }

    /// Buttons and links that can be pressed, by their words.
    pub fn controls(&self) -> Vec<String> {
        self.pressable().map(name).collect()
    }

    /// Presses the button or follows the link with these words: exactly these, or else the first that
    /// begins with them. Case does not matter.
    pub fn press(&self, wanted: &str, filled: &[(String, Entry)]) -> Go {
        let wanted = wanted.to_lowercase();
        let found = |fits: &dyn Fn(&str) -> bool| self.pressable().find(|e| fits(&name(*e).to_lowercase()));
        let control = found(&|text| text == wanted)
            .or_else(|| found(&|text| text.starts_with(&wanted)))
            .unwrap_or_else(|| panic!("nothing says {wanted:?} among {:?} on: {}", self.controls(), self.text()));
        match control.value().name() {
            "a" => Go::Get(control.attr("href").expect("a link leads somewhere").to_owned()),
            _ => self.submit(control, filled),
        }
    }

    fn submit(&self, button: ElementRef, filled: &[(String, Entry)]) -> Go {
        let form = self.form_of(button).expect("a button belongs to a form");
        let action = form.attr("action").expect("a form says where it goes").to_owned();
        let mut fields = Vec::new();
        let mut left: Vec<&(String, Entry)> = filled.iter().collect();
        for input in self.all("input").filter(|i| self.form_of(*i) == Some(form)) {
            let Some(name) = input.attr("name") else { continue };
            let entry = left.iter().position(|(label, _)| self.is_labeled(input, label)).map(|at| &left.remove(at).1);
            let value = input.attr("value").unwrap_or_default().to_owned();
            match (input.attr("type").unwrap_or("text"), entry) {
                ("checkbox" | "radio", Some(Entry::Checked(false))) => {}
                ("checkbox", Some(Entry::Checked(true))) => fields.push((name.to_owned(), value)),
                ("radio", Some(Entry::Checked(true))) => {
                    fields.retain(|(other, _)| other != name);
                    fields.push((name.to_owned(), value));
                }
                ("checkbox", None) if input.attr("checked").is_none() => {}
                ("radio", None) => {
                    let taken = fields.iter().any(|(other, _)| other == name);
                    if input.attr("checked").is_some() && !taken {
                        fields.push((name.to_owned(), value));
                    }
                }
                (_, Some(Entry::Text(text))) => {
                    assert!(input.attr("readonly").is_none(), "{name} cannot be changed");
                    fields.push((name.to_owned(), text.clone()));
                }
                _ => fields.push((name.to_owned(), value)),
            }
        }
        assert!(left.is_empty(), "no field for {left:?} on: {}", self.text());
        if let Some(name) = button.attr("name") {
            fields.push((name.to_owned(), button.attr("value").unwrap_or_default().to_owned()));
        }
        if form.attr("method") == Some("get") {
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            return Go::Get(format!("{action}?{query}"));
        }
        assert_eq!(form.attr("method"), Some("post"), "a form says how it is sent");
        Go::Post(action, fields)
    }

    /// The value of a field by its label, for what is filled in already.
    pub fn value(&self, label: &str) -> Option<String> {
        let input = self.all("input").find(|input| self.is_labeled(*input, label))?;
        Some(input.attr("value").unwrap_or_default().to_owned())
    }

    /// Whether the box or radio button beside this label is on.
    pub fn is_checked(&self, label: &str) -> bool {
        let input = self.all("input").find(|input| self.is_labeled(*input, label));
        input.unwrap_or_else(|| panic!("no {label:?} on: {}", self.text())).attr("checked").is_some()
    }

    fn is_labeled(&self, input: ElementRef, label: &str) -> bool {
        let says = |element: ElementRef| words(element).to_lowercase().contains(&label.to_lowercase());
        let around = input.ancestors().filter_map(ElementRef::wrap).find(|e| e.value().name() == "label");
        if let Some(around) = around {
            return says(around);
        }
        let Some(id) = input.attr("id") else { return false };
        self.all("label").any(|l| l.attr("for") == Some(id) && words(l).eq_ignore_ascii_case(label))
    }

    fn form_of<'a>(&'a self, control: ElementRef<'a>) -> Option<ElementRef<'a>> {
        match control.attr("form") {
            Some(id) => self.all("form").find(|form| form.attr("id") == Some(id)),
            None => control.ancestors().filter_map(ElementRef::wrap).find(|e| e.value().name() == "form"),
        }
    }

    fn pressable(&self) -> impl Iterator<Item = ElementRef<'_>> {
        self.all("button, a[href]").filter(|e| e.attr("hidden").is_none() && e.attr("disabled").is_none())
    }

    fn all<'a>(&'a self, selector: &str) -> impl Iterator<Item = ElementRef<'a>> + use<'a> {
        let selector = Selector::parse(selector).expect("a selector");
        self.html.select(&selector).collect::<Vec<_>>().into_iter()
    }
}

/// The words inside an element, spaces as one.
fn words(element: ElementRef) -> String {
    read(element, true)
}

/// What a control is called: without what is there for the eye alone.
fn name(element: ElementRef) -> String {
    read(element, false)
}

fn read(element: ElementRef, by_eye: bool) -> String {
    let mut text = String::new();
    collect(element, by_eye, &mut text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn collect(element: ElementRef, by_eye: bool, text: &mut String) {
    const INLINE: [&str; 6] = ["a", "span", "strong", "em", "b", "time"];
    for child in element.children() {
        match child.value() {
            Node::Text(words) => text.push_str(words),
            Node::Element(e) if matches!(e.name(), "script" | "style" | "svg" | "noscript") => {}
            Node::Element(e) if e.attr("hidden").is_some() => {}
            Node::Element(e) if !by_eye && e.attr("aria-hidden") == Some("true") => {}
            Node::Element(e) => {
                // A span with words of its own beside others is a line of its own to a reader.
                let apart = !INLINE.contains(&e.name()) && e.name() != "button";
                if apart {
                    text.push(' ');
                }
                if let Some(child) = ElementRef::wrap(child) {
                    collect(child, by_eye, text);
                }
                if apart || matches!(e.name(), "strong" | "button") || e.attr("aria-hidden").is_some() {
                    text.push(' ');
                }
            }
            _ => {}
        }
    }
}
