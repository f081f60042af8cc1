"""What the browser tests share: servers, pages, explorers as a user moves them."""
