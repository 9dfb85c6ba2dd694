import java.io.FileInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Properties;

/** Prints each file's settings as java.util.Properties reads them: a line `key value` a setting, both in Base64. */
public class Read {
    static String shown(String text) {
        return "=" + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_16BE));
    }

    public static void main(String[] files) throws Exception {
        for (String file : files) {
            Properties found = new Properties();
            try (FileInputStream in = new FileInputStream(file)) {
                found.load(in);
            }
            for (String key : found.stringPropertyNames()) {
                System.out.println(shown(key) + " " + shown(found.getProperty(key)));
            }
            System.out.println("end");
        }
    }
}
