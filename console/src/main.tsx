import "uplot/dist/uPlot.min.css";
import "./style.css";
import { render } from "preact";
import { Door } from "./page/Door.js";

render(<Door />, document.getElementById("app")!);
