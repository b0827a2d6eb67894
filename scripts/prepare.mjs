// What npm runs after an install: builds what is served to pages. Plain JavaScript for Node 20.19.
import { buildBrowserScript } from './installation.mjs'

buildBrowserScript()
