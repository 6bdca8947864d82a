"""Where citizens are while another service signs them in: asked, agreed, sent back. Complete without JavaScript."""
