// The worker of the editor, as it comes: it compares texts and looks for hidden characters.
import 'monaco-editor/editor/editor.worker.js';
